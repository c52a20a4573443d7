import type { StreamPart } from '@pliant/core';

/** Progress on standard error: one line rewritten on a terminal, plain lines elsewhere. */
export class Progress {
  #pieces = 0;
  #plainShare = 0;

  constructor(private readonly label: string) {}

  show(part: StreamPart): void {
    if (part.type === 'prefill') this.#prefill(part.tokens, part.total);
    else if (part.type === 'text-delta') this.#decoding(++this.#pieces);
    else if (part.type === 'finish') this.#end();
  }

  #prefill(tokens: number, total: number): void {
    if (process.stderr.isTTY) this.#line(`reading, ${tokens} of ${total} tokens`);
    else if (tokens / total >= this.#plainShare) {
      this.#plainShare = tokens / total + 0.25;
      process.stderr.write(`${this.label}: read ${tokens} of ${total} tokens\n`);
    }
  }

  #decoding(pieces: number): void {
    if (process.stderr.isTTY) this.#line(`decoding, ${pieces} pieces of text`);
    else if (pieces % 32 === 0)
      process.stderr.write(`${this.label}: wrote ${pieces} pieces of text\n`);
  }

  #line(text: string): void {
    process.stderr.write(`\r\x1b[K${this.label}: ${text}`);
  }

  #end(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  }
}
