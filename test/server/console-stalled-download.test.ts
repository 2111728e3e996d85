/** A browser that takes no more of a download and does not close it, over a real connection. */
import { connect, type Socket } from 'node:net';
import { expect, test, vi } from 'vitest';
import { startConsole } from '../../src/console/api/start-console.ts';
import { LIMITS } from '../../src/core/limits.ts';
import { PROVIDERS } from '../../src/providers/providers.ts';
import { CONSOLE_CONFIG, openConsoleHome } from '../console/console-home.ts';

test('a download that nobody takes any more of gives its place to the next one', async () => {
  const home = openConsoleHome();
  await home.deliver('evt_1');
  const { items } = await home.store.list({ limit: 1 });
  // Pages without end: what a connection can hold is less.
  const many = Array.from({ length: 200 }, () => ({ ...items[0], objectId: 'x'.repeat(20_000) }));
  const page = { items: many as never, cursors: many.map(() => 'x'), next: 'x', scannedUntil: null };
  const operatorHome = { ...home.operatorHome, store: { ...home.store, list: async () => page } };
  const running = await startConsole(
    {
      home: operatorHome,
      rejectedCases: home.rejectedCasesOf(operatorHome),
      ...home.restOf(operatorHome),
      choice: { kind: 'local' },
      config: CONSOLE_CONFIG,
      providers: PROVIDERS,
      role: 'operator',
      version: '0.0.0',
      client: {
        pageAt: () => ({ contentType: 'text/html', bytes: new Uint8Array(), gzipped: new Uint8Array() }),
        assets: new Map(),
      },
      randomness: home.randomness,
      onRequest: () => undefined,
      onBug: () => undefined,
    },
    0,
    200,
  );
  const origin = `http://127.0.0.1:${running.port}`;
  const own = { 'sec-fetch-site': 'same-origin' };
  const token = running.newLink().split('#')[1];
  const login = await fetch(`${origin}/api/login`, {
    method: 'POST',
    headers: { ...own, 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  });
  const cookie = login.headers.get('set-cookie')?.split(';', 1)[0] ?? '';
  const path = '/api/export/webhooks?format=ndjson';
  const sockets: Socket[] = [];
  /** Resolves with the first bytes of the answer; no others are read. */
  const begin = (): Promise<string> =>
    new Promise((resolve) => {
      const socket = connect(running.port, '127.0.0.1');
      sockets.push(socket);
      socket.on('error', () => undefined);
      socket.once('data', (bytes) => {
        socket.pause();
        resolve(bytes.toString('latin1').slice(0, 15));
      });
      socket.write(
        `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${running.port}\r\nSec-Fetch-Site: same-origin\r\nCookie: ${cookie}\r\n\r\n`,
      );
    });
  try {
    for (let count = 0; count < LIMITS.consoleExportsMax; count += 1) expect(await begin()).toBe('HTTP/1.1 200 OK');
    expect(await begin()).toBe('HTTP/1.1 429 To');

    await vi.waitFor(async () => expect(await begin()).toBe('HTTP/1.1 200 OK'), { timeout: 20_000, interval: 100 });
  } finally {
    for (const socket of sockets) socket.destroy();
    await running.stop();
  }
});
