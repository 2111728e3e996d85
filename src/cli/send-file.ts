/** `payhook send <provider> --file`: signs a body that somebody saved, as it is, and posts it; shows what it became. */
import { createReadStream } from 'node:fs';
import { validateHeaderName, validateHeaderValue } from 'node:http';
import { PayhookError } from '../core/errors.ts';
import { LIMITS } from '../core/limits.ts';
import type { SignedDelivery } from '../core/ports/provider.ts';
import { type CommandContext, loadSettings } from './command-context.ts';
import { followWebhook } from './follow-webhook.ts';
import { postDelivery, targetUrl } from './post-delivery.ts';
import type { ExitCode } from './report-failure.ts';
import { findProvider, printAnswer, tamper } from './send.ts';
import { createSign } from './sign-delivery.ts';
import { showWebhook } from './webhooks.ts';

export interface SendFileOptions {
  /** A path; `-` is standard input. */
  readonly file: string;
  /** `Name: value`, each in the place of what the provider would send under that name. */
  readonly header?: readonly string[];
  readonly show?: boolean;
  readonly tamper?: boolean;
  readonly duplicate?: boolean;
  readonly url: string;
  readonly json?: boolean;
}

/** Exit 0 when the server took it, or refused what was tampered with. */
export const sendFile = async (
  context: CommandContext,
  providerName: string,
  options: SendFileOptions,
): Promise<ExitCode> => {
  const settings = await loadSettings(context);
  const provider = findProvider(settings, providerName);
  const headers = readHeaders(options.header ?? []);
  const body = await readBody(options.file);
  const url = targetUrl(options.url, provider.name);
  const signed = (await createSign(context, settings, provider))(body);
  const delivery = withHeaders(options.tamper === true ? tamper(signed) : signed, headers);
  const answers = [await postDelivery(url, delivery)];
  if (options.duplicate === true) answers.push(await postDelivery(url, delivery));
  for (const answer of answers)
    printAnswer(context, { provider, sent: { file: options.file }, delivery, answer, options });
  const isAsItShould = answers.every(({ httpStatus }) => httpStatus === (options.tamper === true ? 401 : 200));
  const webhookId = answers[0]?.webhookId;
  if (isAsItShould && webhookId !== undefined) {
    await followWebhook(context, settings, webhookId, options.json === true);
    if (options.show === true) return showWebhook(context, webhookId, { json: options.json === true });
  }
  return isAsItShould ? 0 : 1;
};

/** What the server would not read either is not read. The bytes are sent as they are: a line end more is another body. */
const readBody = async (file: string): Promise<Uint8Array> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of file === '-' ? process.stdin : createReadStream(file)) {
      chunks.push(Buffer.from(chunk));
      bytes += chunk.length;
      if (bytes > LIMITS.bodyBytesMax) break;
    }
  } catch (cause) {
    throw new PayhookError(
      'usage_wrong',
      `cannot read the body in ${file}: ${cause instanceof Error ? cause.message : 'unknown'}; give the path of a saved body, or - for standard input`,
      { cause },
    );
  }
  if (bytes > 0 && bytes <= LIMITS.bodyBytesMax) return Buffer.concat(chunks);
  const found = bytes === 0 ? 'is empty' : `has more than ${LIMITS.bodyBytesMax} bytes, which no server takes`;
  throw new PayhookError('usage_wrong', `the body in ${file} ${found}: give a file with one body of a webhook`);
};

/** They say how the request is framed; another value would only break it. */
const FRAMING = new Set(['content-length', 'transfer-encoding', 'host', 'connection']);

const readHeaders = (texts: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(texts.map(readHeader));

const readHeader = (text: string): readonly [string, string] => {
  const [, name = '', value = ''] = /^([^:]*):\s*(.*)$/.exec(text) ?? [];
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
  } catch (cause) {
    throw new PayhookError('usage_wrong', `--header ${JSON.stringify(text)} is no header: write "Name: value"`, {
      cause,
    });
  }
  if (!FRAMING.has(name.toLowerCase())) return [name.toLowerCase(), value];
  throw new PayhookError('usage_wrong', `--header ${name} belongs to the request itself: leave it out`);
};

const withHeaders = (signed: SignedDelivery, headers: Readonly<Record<string, string>>): SignedDelivery => ({
  ...signed,
  headers: {
    ...Object.fromEntries(Object.entries(signed.headers).map(([name, value]) => [name.toLowerCase(), value])),
    ...headers,
  },
});
