import { allCapabilities } from '../../contract/capability.js';
import { InvalidOptionsError, MissingCapabilityError } from '../../contract/errors.js';
import {
  ConformanceStack,
  check,
  greedy,
  installAll,
  prompt,
  tokenizer,
} from './conformance-stack.js';
import type { ConformanceCase, ConformanceSubject } from './conformance-subject.js';

const without = (missing: string) => allCapabilities.filter((capability) => capability !== missing);

/** Checks of what a middleware says about itself: its name, its needs, its refusals. */
export function requirementCases(subject: ConformanceSubject): ConformanceCase[] {
  const stack = new ConformanceStack([subject]);
  const make = () => subject.active(stack.makeDecoder(), tokenizer);
  return [
    {
      name: 'its name and version are those of the contract',
      run: async () => {
        const { name, specificationVersion } = make();
        check(name === subject.name, `the middleware calls itself '${name}'`);
        check(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name), `the name '${name}' is not kebab-case`);
        check(specificationVersion === 'v1', `specificationVersion is '${specificationVersion}'`);
      },
    },
    {
      name: 'a decoder without a capability it requires is refused by use()',
      run: async () => {
        for (const capability of make().requires) {
          const decoder = stack.makeDecoder({ capabilities: without(capability) });
          const error = thrownBy(() => installAll(decoder, undefined, [make()]));
          check(
            MissingCapabilityError.isInstance(error) && error.capability === capability,
            `without '${capability}' use() ${error ? `threw ${error}` : 'threw nothing'}`,
          );
          check(
            error.middleware === subject.name,
            `the refusal names '${error.middleware}' instead of the middleware`,
          );
        }
      },
    },
    {
      name: 'it needs no capability beyond those it lists, and warns where an optional one is missing',
      run: async () => {
        // Made on a whole decoder: what its drafts need is not asked of the target.
        const middleware = make();
        const { requires, optional = [] } = middleware;
        const decoder = stack.makeDecoder({ capabilities: requires });
        const result = await installAll(decoder, undefined, [middleware]).generate(prompt, greedy);
        for (const capability of optional)
          check(
            requires.includes(capability) ||
              result.warnings.some(
                ({ feature, middleware }) => feature === capability && middleware === subject.name,
              ),
            `no warning says that optional '${capability}' is missing`,
          );
      },
    },
    ...(subject.refuses ?? []).map((call, index) => ({
      name: `wrong option ${index + 1} is refused by the factory`,
      run: async () => {
        const error = thrownBy(call);
        check(
          InvalidOptionsError.isInstance(error),
          `${call} ${error ? `threw ${error}, which is not an InvalidOptionsError` : 'accepted it'}`,
        );
      },
    })),
  ];
}

function thrownBy(call: () => unknown): unknown {
  try {
    call();
    return undefined;
  } catch (error) {
    return error;
  }
}
