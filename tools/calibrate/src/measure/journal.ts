import { appendFileSync, existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { InvalidOptionsError } from '@pliant/core';

/**
 * The setting that a journal's values were measured in. Values of another setting must not be mixed
 * in. Equal in JSON is equal.
 */
export interface JournalSetting {
  readonly format: string;
  readonly version: number;
  /** Fingerprint of the model's weights. */
  readonly fingerprint: string;
  readonly [setting: string]: unknown;
}

/**
 * Values by key in a file of JSON lines, each written as soon as it is known: a run that was
 * stopped goes on where it was.
 */
export class Journal {
  readonly #values: Map<string, unknown>;

  private constructor(
    private readonly path: string,
    values: Map<string, unknown>,
  ) {
    this.#values = values;
  }

  /** @throws InvalidOptionsError for a file of another setting */
  static open(path: string, setting: JournalSetting): Journal {
    const first = JSON.stringify(setting);
    if (!existsSync(path)) writeFileSync(path, `${first}\n`);
    const text = readFileSync(path, 'utf8');
    // The text after the last line end was cut short when the run was stopped.
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    if (whole.length < text.length) truncateSync(path, Buffer.byteLength(whole));
    const [head, ...lines] = whole.split('\n').slice(0, -1);
    if (head !== first)
      throw new InvalidOptionsError(path, [
        {
          path: '',
          message: `was begun with ${head ?? 'nothing'}, not ${first}; name another file`,
        },
      ]);
    return new Journal(path, new Map(lines.map((line) => JSON.parse(line) as [string, unknown])));
  }

  get(key: string): unknown {
    return this.#values.get(key);
  }

  put(key: string, value: unknown): void {
    this.#values.set(key, value);
    appendFileSync(this.path, `${JSON.stringify([key, value])}\n`);
  }
}
