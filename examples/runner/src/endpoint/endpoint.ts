import { UsageError } from '../usage-error.js';

/** An OpenAI-compatible server. */
export interface Endpoint {
  /** The URL that completes chats: `--endpoint` and `/chat/completions`. */
  readonly url: URL;
  /** The URL as it is shown: without its query, which may hold a secret. */
  readonly name: string;
  /** One of the server's models. Default: the server's own choice. */
  readonly model?: string;
}

/**
 * @param base of the API, such as `http://localhost:8080/v1`; its query is kept
 * @throws UsageError for anything but http and https, and for a user or password, which fetch
 * refuses
 */
export function parseEndpoint(base: string, model?: string): Endpoint {
  if (!URL.canParse(base)) throw new UsageError(`--endpoint takes a URL, not '${base}'`);
  const url = new URL(base);
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new UsageError(`--endpoint takes an http or https URL, not '${url.protocol}'`);
  if (url.username || url.password)
    throw new UsageError(
      '--endpoint takes no user or password: give a key in the environment variable PLIANT_API_KEY',
    );
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/chat/completions`;
  return { url, name: `${url.origin}${url.pathname}`, model };
}

/**
 * The key of the server, from PLIANT_API_KEY; undefined where it is not set or empty.
 * @throws UsageError, without the key, for one that a header cannot hold
 */
export function readApiKey(environment: {
  readonly [name: string]: string | undefined;
}): string | undefined {
  const key = environment.PLIANT_API_KEY;
  if (!key) return undefined;
  if (/^[\x21-\x7e]+$/.test(key)) return key;
  throw new UsageError('PLIANT_API_KEY has a space, a line break or another character no key has');
}
