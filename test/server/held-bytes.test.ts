/** What bodies hold while they arrive: counted as they come, a part of what is free for each sender, and given back. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createTestFolder,
  type LocalServer,
  post,
  startLocalServer,
  type TestFolder,
  waitUntil,
} from '../support/running-server.ts';
import { createSigner, SECRET_ENV, type Sign, stripeEvent } from './signed.ts';

const KIB = 1024;

let folder: TestFolder;
let server: LocalServer;
let sign: Sign;
const sockets: Socket[] = [];

beforeAll(async () => {
  folder = createTestFolder();
  ({ sign } = await createSigner(Date.now()));
  server = await startLocalServer({
    folder,
    env: SECRET_ENV,
    config: { edge: { isLoopbackExempt: false } },
    edgeBounds: {
      bodyBytes: { max: 400 * KIB, ofStrangersMax: 320 * KIB, ofFreeMax: 1 / 4 },
      // Nobody is given up for being slow here.
      body: { lookEveryMs: 60_000, idleMsMax: 600_000, bytesPerSecondMin: 1 },
    },
  });
});

afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await server.running.stop('test over');
  folder[Symbol.dispose]();
});

/** Announces a mebibyte and sends so much of it; resolves to what was answered by then. */
const hold = async (from: string, bytes: number): Promise<() => string> => {
  const socket = connect({ port: server.port, host: '127.0.0.1', localAddress: from });
  sockets.push(socket);
  let answer = '';
  socket.on('data', (chunk: Buffer) => {
    answer += chunk.toString('latin1');
  });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(
    `POST /webhook/stripe HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${1024 * KIB}\r\n\r\n`,
  );
  socket.write(Buffer.alloc(bytes, ' '));
  return () => answer;
};

const deliver = async (id: string) => {
  const signed = sign('stripe', stripeEvent(id), { now: Date.now() });
  return (await post(server.url, 'stripe', signed)).status;
};

describe('bytes of bodies that are being read', () => {
  test('are refused above the share of one sender with 503 and Retry-After, and others get in', async () => {
    const answer = await hold('127.0.0.40', 200 * KIB);

    await waitUntil('it is refused', () => answer() !== '');
    expect(answer()).toMatch(/^HTTP\/1\.1 503 .*\r\nretry-after: \d+\r\n.*\{"error":"overloaded"\}$/is);
    expect(await deliver('evt_beside')).toBe(200);
  });

  test('are there again when their senders are gone', async () => {
    const held = await Promise.all(Array.from({ length: 12 }, (_, index) => hold(`127.0.0.${50 + index}`, 60 * KIB)));
    await waitUntil('most of them are refused', () => held.filter((answer) => answer() !== '').length > 4);
    expect(held.filter((answer) => answer() === '').length).toBeGreaterThan(1);
    expect(await deliver('evt_during')).toBe(200);

    for (const socket of sockets) socket.destroy();

    // A share as large as at the beginning, when nobody held anything.
    await waitUntil('another one may hold as much as the first', async () => {
      const answer = await hold('127.0.0.70', 62 * KIB);
      await new Promise((resolve) => setImmediate(resolve));
      await deliver(`evt_${sockets.length}`);
      return answer() === '';
    });
  });
});
