import type { Distribution } from '../contract/distribution.js';
import { MiddlewareError } from '../contract/errors.js';
import { type Choice, deadEnd } from '../contract/middleware.js';
import { guard } from '../turn/guard.js';
import { checkResult, choiceSchema } from '../turn/hook-results.js';
import type { Installed } from '../turn/turn.js';

/**
 * The onion of `choose` hooks around the draw. A hook that decides without asking the next one
 * would undo a constraint or sampler installed after it, so that is an error.
 */
export function runChoose(
  installed: readonly Installed[],
  distribution: Distribution,
  draw: () => number,
  step: number,
): Choice | Promise<Choice> {
  const layers = installed.filter(({ hooks }) => hooks.choose);
  const at = (index: number, given: Distribution): Choice | Promise<Choice> => {
    if (index === layers.length) {
      const token = given.draw(draw);
      return token < 0 ? deadEnd : { token, logWeight: 0 };
    }
    const { name, hooks } = layers[index];
    let calls = 0;
    const finish = (choice: Choice) => {
      const call = { middleware: name, phase: 'choose', step };
      const { token, logWeight } = checkResult(choiceSchema, choice, call);
      if (
        !Number.isInteger(token) ||
        token >= given.size ||
        !(logWeight < Number.POSITIVE_INFINITY)
      )
        throw new MiddlewareError(
          name,
          'choose',
          step,
          `chose token ${token} with log-weight ${logWeight}; a token is an id below ${given.size}, or the dead end`,
        );
      const inner = layers[index + 1];
      if (calls === 0 && inner)
        throw new MiddlewareError(
          name,
          'choose',
          step,
          `decided the token without asking '${inner.name}', which is installed after it and would be ignored; install '${inner.name}' alone or a sampler that calls next()`,
        );
      return choice;
    };
    return guard(name, 'choose', step, () => {
      const choice = hooks.choose!(given, (passed) => {
        if (++calls > 1) throw new MiddlewareError(name, 'choose', step, 'called next() twice');
        return at(index + 1, passed);
      });
      return choice instanceof Promise ? choice.then(finish) : finish(choice);
    });
  };
  return at(0, distribution);
}
