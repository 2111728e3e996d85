/** I8: bodies that are announced and never sent must not fill the memory, nor lock others out once they are gone. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../src/core/limits.ts';
import { createTestFolder, post, readStored, startLocalServer, waitUntil } from '../support/running-server.ts';
import { createSigner, SECRET_ENV, stripeEvent } from './signed.ts';

const open = async (port: number): Promise<Socket> => {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(`POST /webhook/stripe HTTP/1.1\r\nHost: x\r\nContent-Length: ${LIMITS.bodyBytesMax}\r\n\r\n{`);
  return socket;
};

describe('I8 bounded: bodies under way', () => {
  test('more announced bytes than allowed are answered 503 with Retry-After, until the others are gone', async () => {
    using folder = createTestFolder();
    const now = Date.now();
    const { sign } = await createSigner(now);
    await using server = await startLocalServer({ folder, env: SECRET_ENV });
    const holders = LIMITS.bodiesBytesMax / LIMITS.bodyBytesMax;
    const sockets = await Promise.all(Array.from({ length: holders }, () => open(server.port)));
    const delivery = sign('stripe', stripeEvent('evt_1'), { now });

    await waitUntil('the bodies count', async () => (await post(server.url, 'stripe', delivery)).status === 503);
    const refused = await post(server.url, 'stripe', delivery);
    for (const socket of sockets) socket.destroy();
    await waitUntil('the bodies are gone', async () => (await post(server.url, 'stripe', delivery)).status === 200);

    expect([refused.status, refused.json]).toEqual([503, { error: 'overloaded' }]);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(readStored(folder.data).webhooks.map(({ id }) => id)).toEqual(['stripe:evt_1']);
  });
});
