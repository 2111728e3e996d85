/**
 * Payloads are compressed and encrypted on a thread of their own: it is a quarter of what receiving costs, and nothing of
 * it needs the HTTP thread. Payloads of one turn of the event loop travel together, in one block of memory.
 */
import type { KeyObject } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { PayhookError } from '../../core/errors.ts';
import type { EncryptPayload } from '../../core/seal.ts';

export interface EncryptThread {
  readonly encrypt: EncryptPayload;
  /** Waits for what was asked before. Calls after this are refused with `store_closed`. */
  close(): Promise<void>;
}

export interface EncryptThreadOptions {
  /** Told when the thread ended without being asked to. */
  readonly onDeath?: (error: PayhookError) => void;
}

/** To the thread: a key under a number, payloads to encrypt under it, or the end. */
export type EncryptRequest =
  | { readonly kind: 'key'; readonly number: number; readonly key: KeyObject }
  | {
      readonly kind: 'payloads';
      readonly keyNumber: number;
      /** Webhook id and timestamp, one pair after the other. */
      readonly webhooks: readonly (string | number)[];
      /** Where each payload ends in `bytes`; the first one starts at 0. */
      readonly ends: readonly number[];
      readonly bytes: Uint8Array<ArrayBuffer>;
    }
  | { readonly kind: 'close' };

/** From the thread: the encrypted payloads of one request, in its order; requests are answered in order. */
export interface EncryptReply {
  readonly ends: readonly number[];
  readonly bytes: Uint8Array<ArrayBuffer>;
}

interface Waiting {
  readonly payload: Uint8Array;
  readonly webhookId: string;
  readonly timestamp: number;
  readonly resolve: (bytes: Uint8Array) => void;
  readonly reject: (error: PayhookError) => void;
}

const YOUNG_GENERATION_MB_MAX = 8;
/** Sent at once when there are so many, so that this thread works while the HTTP thread reads the next ones. */
const PAYLOADS_TOGETHER_MAX = 8;

/** One block of memory for many byte strings, and where each of them ends. */
export const joinBytes = (parts: readonly Uint8Array[]): EncryptReply => {
  const ends: number[] = [];
  let length = 0;
  for (const part of parts) {
    length += part.length;
    ends.push(length);
  }
  const bytes = new Uint8Array(length);
  for (const [index, part] of parts.entries()) bytes.set(part, (ends[index] ?? 0) - part.length);
  return { ends, bytes };
};

/** The parts again, each in memory of its own: a view would keep, and copy, the whole block. */
export const splitBytes = ({ ends, bytes }: EncryptReply): Uint8Array[] =>
  ends.map((end, index) => bytes.slice(index === 0 ? 0 : ends[index - 1], end));

export const openEncryptThread = ({ onDeath }: EncryptThreadOptions = {}): EncryptThread => {
  const worker = new Worker(new URL('./encrypt-worker.ts', import.meta.url), {
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB_MAX },
  });
  const ended = Promise.withResolvers<void>();
  const underway: (readonly Waiting[])[] = [];
  let unsent: Waiting[] = [];
  let key: KeyObject | undefined;
  let keyNumber = 0;
  let isClosed = false;

  const post = (request: EncryptRequest): void => worker.postMessage(request);

  const send = (): void => {
    if (unsent.length === 0) return;
    const batch = unsent;
    unsent = [];
    const { ends, bytes } = joinBytes(batch.map(({ payload }) => payload));
    const webhooks = batch.flatMap(({ webhookId, timestamp }) => [webhookId, timestamp]);
    underway.push(batch);
    worker.postMessage({ kind: 'payloads', keyNumber, webhooks, ends, bytes } satisfies EncryptRequest, [bytes.buffer]);
  };

  worker.on('message', (reply: EncryptReply) => {
    const batch = underway.shift() ?? [];
    for (const [index, bytes] of splitBytes(reply).entries()) batch[index]?.resolve(bytes);
  });
  let death: unknown;
  worker.on('error', (error) => {
    death = error;
  });
  worker.on('exit', () => {
    const wasAsked = isClosed;
    isClosed = true;
    const cause = death === undefined ? undefined : { cause: death };
    const error = new PayhookError('internal', 'the thread that encrypts payloads ended: restart Payhook', cause);
    for (const { reject } of [...underway.flat(), ...unsent]) reject(error);
    ended.resolve();
    if (!wasAsked) onDeath?.(error);
  });

  return {
    encrypt(withKey, payload, { webhookId, timestamp }) {
      if (isClosed)
        return Promise.reject(new PayhookError('store_closed', 'the thread that encrypts payloads is closed'));
      if (withKey !== key) {
        // What waits belongs to the key before.
        send();
        key = withKey;
        keyNumber += 1;
        post({ kind: 'key', number: keyNumber, key: withKey });
      }
      return new Promise((resolve, reject) => {
        unsent.push({ payload, webhookId, timestamp, resolve, reject });
        if (unsent.length >= PAYLOADS_TOGETHER_MAX) send();
        else if (unsent.length === 1) setImmediate(send);
      });
    },
    async close() {
      if (!isClosed) {
        send();
        isClosed = true;
        post({ kind: 'close' });
      }
      await ended.promise;
    },
  };
};
