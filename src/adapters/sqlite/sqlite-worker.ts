/** Entry of the database thread: takes all calls that have arrived, runs them as one batch, answers after the commit. */
import assert from 'node:assert/strict';
import { type KeyObject, randomBytes } from 'node:crypto';
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { asPayhookError } from '../../core/errors.ts';
import { LIMITS } from '../../core/limits.ts';
import { createEncryptPayload } from '../../core/seal.ts';
import { sealLater } from '../../core/seal-later.ts';
import { openDatabase } from './sqlite-database.ts';
import { type Call, createRunBatch } from './sqlite-executor.ts';
import { type OperationName, READS } from './sqlite-statements.ts';
import { CALL_WIDTH, isSealKey, type SentError, type ThreadReply, type ThreadRequest } from './sqlite-thread.ts';
import { packOutput, type SealHere, unpackInput } from './sqlite-wire.ts';

/** Calls that share one commit: bounds how long the first of them waits for the last. */
const BATCH_CALLS_MAX = 256;

assert(parentPort !== null, 'runs as a thread');
const port = parentPort;
const { path } = workerData as { path: string };

const sentError = (thrown: unknown): SentError => {
  const error = asPayhookError(thrown);
  return { code: error.code, message: error.message };
};

const reply = (message: ThreadReply): void => port.postMessage(message);

/** The key in use, and the one before it: what was sent under that may still be on its way. */
const KEYS_KEPT_MAX = 2;

const createSealing = () => {
  const keys = new Map<string, KeyObject>();
  const encrypt = createEncryptPayload(
    { bytes: (count) => randomBytes(count) },
    { compressedBytesMin: LIMITS.compressedBytesMin },
  );
  const sealHere: SealHere = (keyId, payload, webhook) => {
    const key = keys.get(keyId);
    assert(key !== undefined, 'the key was sent before what is sealed under it');
    const { webhookId, timestamp } = webhook;
    return sealLater({ keyId, key, payload }, () => encrypt(key, payload, { webhookId, timestamp }));
  };
  return {
    sealHere,
    useKey(keyId: string, key: KeyObject): void {
      keys.set(keyId, key);
      for (const oldest of keys.keys()) if (keys.size > KEYS_KEPT_MAX) keys.delete(oldest);
    },
  };
};

interface IdentifiedCall extends Call {
  readonly id: number;
}

interface Arrived {
  readonly calls: readonly IdentifiedCall[];
  /** That they came with. */
  readonly messages: number;
}

const serve = (): void => {
  const db = openDatabase({ path });
  const runBatch = createRunBatch(db, path);
  const { sealHere, useKey } = createSealing();
  let isClosing = false;

  const unpack = (request: readonly unknown[]): IdentifiedCall[] => {
    const calls: IdentifiedCall[] = [];
    for (let at = 0; at < request.length; at += CALL_WIDTH) {
      const name = request[at + 1] as OperationName;
      calls.push({ id: request[at] as number, name, input: unpackInput(name, request[at + 2], sealHere) });
    }
    return calls;
  };

  /** Takes what has arrived, until a commit is full. */
  const take = (first: ThreadRequest | undefined): Arrived => {
    const calls: IdentifiedCall[] = [];
    let messages = 0;
    for (let next = first; next !== undefined; next = receiveMessageOnPort(port)?.message) {
      if (next === 'close') isClosing = true;
      else if (isSealKey(next)) useKey(next.keyId, next.key);
      else {
        calls.push(...unpack(next));
        messages += 1;
        if (calls.length >= BATCH_CALLS_MAX) break;
      }
    }
    return { calls, messages };
  };

  /** However many messages they came with, they are answered together. */
  const run = ({ calls, messages }: Arrived): void => {
    const startedAt = performance.now();
    const results: unknown[] = [];
    for (let from = 0; from < calls.length; from += BATCH_CALLS_MAX) {
      const batch = calls.slice(from, from + BATCH_CALLS_MAX);
      for (const [index, result] of runBatch(batch).entries()) {
        const call = batch[index];
        assert(call !== undefined, 'a batch has one result for each call');
        results.push(call.id, result.ok, result.ok ? packOutput(call.name, result.value) : sentError(result.error));
      }
    }
    const committed = calls.filter((call) => !READS.has(call.name)).length;
    reply({ kind: 'results', results, messages, committed, seconds: (performance.now() - startedAt) / 1000 });
  };

  port.on('message', (request: ThreadRequest) => {
    // Taken without going back to the event loop between them, which costs more than a small batch.
    for (let arrived = take(request); arrived.messages > 0; arrived = take(receiveMessageOnPort(port)?.message)) {
      run(arrived);
    }
    if (isClosing) {
      db.close();
      port.close();
    }
  });
  reply({ kind: 'opened' });
};

try {
  serve();
} catch (error) {
  reply({ kind: 'failed', error: sentError(error) });
}
