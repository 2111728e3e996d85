/** Refused connections must not be held by clients that neither read nor close. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { sendOnBareSocket } from '../../src/homes/local/send-answer.ts';
import { answerOfRefusal } from '../../src/receive/answer.ts';
import { readRaw } from './raw-exchange.ts';

test('sendOnBareSocket lets go of a socket whose client stays there in silence', async () => {
  const closed = Promise.withResolvers<void>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('close', () => closed.resolve());
    sendOnBareSocket(socket, answerOfRefusal('request_malformed'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', allowHalfOpen: true });
  const chunks: Buffer[] = [];
  client.on('data', (chunk: Buffer) => chunks.push(chunk));

  await closed.promise;

  const answer = readRaw(Buffer.concat(chunks).toString('utf8'));
  expect([answer.status, answer.body]).toEqual([400, '{"error":"request_malformed"}']);
  client.destroy();
  server.close();
});
