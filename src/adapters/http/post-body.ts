/** One HTTP request with a body, up to the end of its answer: never throws, never follows, never holds more than a chunk. */

import { type RequestOptions, request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import { LIMITS } from '../../core/limits.ts';

export type Exchange =
  | { readonly outcome: 'answered'; readonly status: number; readonly retryAfter: string | undefined }
  /** There was no whole head of an answer. */
  | {
      readonly outcome: 'disconnected';
      /** Node's or OpenSSL's, for example `ECONNREFUSED`. */
      readonly code: string;
      /** The connection had been used before, and the other side had closed it or did so just when we sent. */
      readonly isStaleConnection: boolean;
    };

const CLOSED_CODES = ['ECONNRESET', 'EPIPE'];

const codeOf = (error: Error): string => ('code' in error && typeof error.code === 'string' ? error.code : error.name);

/** Ends early when `over` does: as `broken`, or as answered when the head of the answer was there. */
export const postBody = (options: RequestOptions, body: string, over: AbortSignal): Promise<Exchange> =>
  new Promise((resolve) => {
    const request = (options.protocol === 'https:' ? requestTls : requestPlain)(options);
    let answer: Exchange | null = null;
    let code = 'ECONNRESET';
    const stop = (): void => {
      request.destroy();
    };
    request.on('response', (response) => {
      answer = {
        outcome: 'answered',
        status: response.statusCode ?? 0,
        retryAfter: response.headers['retry-after'],
      };
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.byteLength;
        if (bytes > LIMITS.destinationAnswerBytesMax) request.destroy();
      });
    });
    request.on('error', (error) => {
      code = codeOf(error);
    });
    // Comes exactly once, whatever happens, and after the connection is free for the next request.
    request.on('close', () => {
      over.removeEventListener('abort', stop);
      const isStaleConnection = request.reusedSocket && CLOSED_CODES.includes(code);
      resolve(answer ?? { outcome: 'disconnected', code, isStaleConnection });
    });
    over.addEventListener('abort', stop);
    request.end(body);
  });
