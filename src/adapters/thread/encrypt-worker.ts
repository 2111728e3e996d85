/** Entry of the thread that encrypts: one reply for each request, in order. */
import assert from 'node:assert/strict';
import { type KeyObject, randomBytes } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import { createEncryptPayload } from '../../core/seal.ts';
import { type EncryptReply, type EncryptRequest, joinBytes, splitBytes } from './encrypt-thread.ts';

assert(parentPort !== null, 'runs as a thread');
const port = parentPort;
const encrypt = createEncryptPayload({ bytes: (count) => randomBytes(count) });

let key: { readonly number: number; readonly object: KeyObject } | undefined;

const encryptAll = (request: EncryptRequest & { kind: 'payloads' }): EncryptReply => {
  assert(key?.number === request.keyNumber, 'the key was sent before the payloads');
  const { object } = key;
  return joinBytes(
    splitBytes(request).map((payload, index) => {
      const webhookId = String(request.webhooks[index * 2]);
      const timestamp = Number(request.webhooks[index * 2 + 1]);
      return encrypt(object, payload, { webhookId, timestamp });
    }),
  );
};

port.on('message', (request: EncryptRequest) => {
  switch (request.kind) {
    case 'key':
      key = { number: request.number, object: request.key };
      break;
    case 'payloads': {
      const reply = encryptAll(request);
      port.postMessage(reply, [reply.bytes.buffer]);
      break;
    }
    case 'close':
      port.close();
      break;
    default:
      request satisfies never;
  }
});
