/** Requests to the APIs of providers: one host, no redirect, one time limit, an answer of bounded size. */
import { LIMITS } from '../../core/limits.ts';
import type { ApiAnswer, ApiRequest, CallApi } from '../../core/ports/call-api.ts';
import type { Clock } from '../../core/ports/clock.ts';
import { dateOf, retryAfterMsOf } from './retry-after.ts';

export interface CallApiDeps {
  readonly clock: Clock;
  /** Aborted when the process stops: what is under way ends as `stopped`. @default never */
  readonly stopping?: AbortSignal;
  /** @default LIMITS.apiCallMsMax */
  readonly msMax?: number;
}

const readBody = async (response: Response): Promise<Uint8Array | null> => {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // Left early, the stream is cancelled and the connection closed.
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > LIMITS.apiAnswerBytesMax) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};

/** Of what `fetch` throws, which may quote a URL: a code, and never its text. */
const reasonOf = (error: unknown, stopping: AbortSignal | undefined): string => {
  if (stopping?.aborted === true) return 'stopped';
  if (error instanceof Error && error.name === 'TimeoutError') return 'timed_out';
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' && /^[A-Z0-9_]{1,64}$/.test(code) ? code.toLowerCase() : 'not_reached';
};

export const createCallApi = ({ clock, stopping, msMax = LIMITS.apiCallMsMax }: CallApiDeps): CallApi => {
  const call = async ({ method, url, headers, body }: ApiRequest): Promise<ApiAnswer> => {
    const inTime = AbortSignal.timeout(msMax);
    const response = await fetch(url, {
      method,
      headers: { accept: 'application/json', 'user-agent': 'payhook', ...headers },
      redirect: 'manual',
      signal: stopping === undefined ? inTime : AbortSignal.any([inTime, stopping]),
      ...(body === undefined ? {} : { body }),
    });
    const bytes = await readBody(response);
    if (bytes === null) return { outcome: 'failed', reason: 'answer_too_large' };
    const retryAfter = response.headers.get('retry-after') ?? undefined;
    const answeredAt = dateOf(response.headers.get('date'));
    return {
      outcome: 'answered',
      status: response.status,
      retryAfterMs: retryAfterMsOf(retryAfter, clock.now()),
      ...(answeredAt === undefined ? {} : { answeredAt }),
      body: bytes,
    };
  };
  return async (request) => {
    try {
      return await call(request);
    } catch (error) {
      return { outcome: 'failed', reason: reasonOf(error, stopping) };
    }
  };
};
