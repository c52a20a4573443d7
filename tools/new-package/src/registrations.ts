import type { Names } from './names.js';
import { json } from './package-files.js';
import { presetSource, targetsSource } from './template-sources.js';

/** Changes of one file. Undefined: the file does not exist yet. */
type Change = (text: string | undefined) => string;

/** Where a new package is entered, by path in the repository. */
export function registrations(names: Names): Record<string, Change> {
  const { kebab, camel, pascal, what } = names;
  const name = `@pliant/${kebab}`;
  return {
    [`.changeset/${kebab}.md`]: () => `---\n"${name}": minor\n---\n\n${what}\n`,
    [`tools/packing/exports/${kebab}.txt`]: () =>
      `${name}\n  ${camel}\n  ${camel}Options\n  type ${pascal}Options\n`,
    'tsconfig.json': reference(`./packages/${kebab}`),
    'README.md': before(
      /^\n## The runner$/m,
      `| [${kebab}](packages/${kebab}) | ${what.slice(0, -1).toLowerCase()} | |\n`,
    ),
    'packages/presets/package.json': dependency('dependencies', name),
    'packages/presets/README.md': after(/^\| `self-speculate` \|.*\n/m, `| \`${kebab}\` | | |\n`),
    [`packages/presets/src/middlewares/${kebab}.ts`]: () => presetSource(names),
    'packages/presets/src/registry.ts': inTurn(
      before(
        /^import .* from '\.\/preset-error\.js';$/m,
        importLine(`${camel}Entry`, 'middlewares', kebab),
      ),
      before(
        /^\} as const satisfies \{ readonly \[name: string\]: MiddlewareEntry \};$/m,
        `  '${kebab}': ${camel}Entry,\n`,
      ),
    ),
    'packages/presets/src/registry.test.ts': before(
      /^\};\nconst names = /m,
      `  '${kebab}': { options: { penalty: 2 }, wrong: { penalty: -1 } },\n`,
    ),
    'tools/conformance/package.json': dependency('dependencies', name),
    'tools/conformance/src/subjects.ts': before(
      /^\};\n\nconst subjectsOf/m,
      `  '${kebab}': { neutral: { penalty: 0 }, active: { penalty: 2 } },\n`,
    ),
    'tools/conformance/src/arguments/presets-targets.ts': before(
      /^\};\n\nexport const presetsTargets/m,
      `  '${kebab}': () => ({ penalty: 2 }),\n`,
    ),
    [`tools/conformance/src/arguments/${kebab}-targets.ts`]: () => targetsSource(names),
    'tools/conformance/src/arguments/arguments.test.ts': inTurn(
      before(
        /^import type \{ Target \} from '\.\/target\.js';$/m,
        `import { ${camel}Targets } from './${kebab}-targets.js';\n`,
      ),
      before(/^\]\)\('\$name'/m, `  ${camel}Targets,\n`),
    ),
    'tools/end-to-end/src/subjects.ts': before(
      /^\};\n\n\/\*\* The middlewares\. \*\//m,
      `  '${kebab}': () => ({ penalty: 0 }),\n`,
    ),
    'tools/docs/package.json': dependency('devDependencies', name),
  };
}

function importLine(name: string, folder: string, file: string): string {
  return `import { ${name} } from './${folder}/${file}.js';\n`;
}

function reference(path: string): Change {
  return changed(({ references, ...rest }) => ({ ...rest, references: [...references, { path }] }));
}

function dependency(kind: 'dependencies' | 'devDependencies', name: string): Change {
  return changed((manifest) => ({ ...manifest, [kind]: { ...manifest[kind], [name]: '^0.0.0' } }));
}

/** Changes JSON. */
// biome-ignore lint/suspicious/noExplicitAny: files of several shapes
function changed(change: (value: any) => object): Change {
  return (text) => json(change(JSON.parse(existing(text))));
}

function inTurn(...changes: readonly Change[]): Change {
  return (text) => changes.reduce((now, change) => change(now), existing(text));
}

function before(anchor: RegExp, added: string): Change {
  return (text) => existing(text).replace(found(anchor, text), (match) => added + match);
}

function after(anchor: RegExp, added: string): Change {
  return (text) => existing(text).replace(found(anchor, text), (match) => match + added);
}

function found(anchor: RegExp, text: string | undefined): RegExp {
  if (!anchor.test(existing(text)))
    throw new Error(
      `the place ${anchor} is not there any more; adapt tools/new-package to the file`,
    );
  return anchor;
}

function existing(text: string | undefined): string {
  if (text === undefined)
    throw new Error('the file is not there any more; adapt tools/new-package');
  return text;
}
