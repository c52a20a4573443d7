import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

/** Asks publint about the package installed in `folder`, suggestions included. */
export async function checkPublint(folder: string): Promise<string[]> {
  const { messages, pkg } = await publint({ pkgDir: folder, pack: false, strict: true });
  return messages.map((message) => formatMessage(message, pkg, { color: false }) ?? message.code);
}
