/** Posts one delivery as a provider would, and reads the answer. */
import { Agent, request } from 'node:http';
import { request as requestTls } from 'node:https';
import { PayhookError } from '../core/errors.ts';
import type { SignedDelivery } from '../core/ports/provider.ts';

export interface Post {
  readonly httpStatus: number;
  /** `accepted` or `duplicate`. */
  readonly status: string | undefined;
  readonly webhookId: string | undefined;
  /** The stable code of a refusal. */
  readonly error: string | undefined;
  readonly durationMs: number;
}

const TIMEOUT_MS = 30_000;
const ANSWER_BYTES_MAX = 64 * 1024;

const agent = new Agent({ keepAlive: true, maxSockets: 256 });

const textField = (value: unknown, name: string): string | undefined => {
  const field: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
  return typeof field === 'string' ? field : undefined;
};

const readAnswer = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    // Another server than Payhook may answer with anything; the status tells the story then.
    return undefined;
  }
};

/** A base URL gets the path of the provider; a URL with a path is taken as it is. */
export const targetUrl = (text: string, provider: string): URL => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new PayhookError(
      'usage_wrong',
      `--url ${text} is not an http(s) URL: give one such as http://127.0.0.1:8080`,
    );
  }
  if (url.pathname === '/') url.pathname = `/webhook/${provider}`;
  return url;
};

/** Throws `server_unreachable` when nobody listens there. */
export const postDelivery = (url: URL, delivery: SignedDelivery): Promise<Post> =>
  new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const fail = (error: Error): void => {
      const advice = `cannot reach ${url.origin} (${error.message || error.name}): start the server with npm start, or give --url`;
      reject(new PayhookError('server_unreachable', advice, { cause: error }));
    };
    const options = {
      method: 'POST',
      timeout: TIMEOUT_MS,
      headers: {
        'content-type': 'application/json',
        'content-length': delivery.body.length,
        'user-agent': 'payhook-send',
        ...delivery.headers,
      },
    };
    const sent = url.protocol === 'https:' ? requestTls(url, options) : request(url, { ...options, agent });
    sent.on('timeout', () => sent.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)));
    sent.on('error', fail);
    sent.on('response', (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes <= ANSWER_BYTES_MAX) chunks.push(chunk);
      });
      response.on('error', fail);
      response.on('end', () => {
        const answer = readAnswer(Buffer.concat(chunks).toString('utf8'));
        resolve({
          httpStatus: response.statusCode ?? 0,
          status: textField(answer, 'status'),
          webhookId: textField(answer, 'webhookId'),
          error: textField(answer, 'error'),
          durationMs: Math.round((performance.now() - startedAt) * 10) / 10,
        });
      });
    });
    sent.end(delivery.body);
  });
