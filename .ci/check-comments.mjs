// Comment lines of the sources are at most 100 columns wide, like code: the formatter does not wrap them.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const files = execFileSync('git', ['ls-files', 'packages/*.ts', 'tools/*.ts', 'examples/*.ts'], {
  encoding: 'utf8',
});
const isLong = (line) => line.length > 100 && /^\s*(\/\/|\/?\*)/.test(line);
const long = files
  .trim()
  .split('\n')
  .filter((file) => !file.endsWith('_pb.ts'))
  .flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((line, i) => (isLong(line) ? [`${file}:${i + 1}`] : [])),
  );
if (long.length > 0) {
  console.error(`${long.length} comment lines are over 100 columns:\n${long.join('\n')}`);
  process.exit(1);
}
