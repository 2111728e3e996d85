/** Hints that something has changed: what a page is told, and how many streams of them there are. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LIMITS } from '../../src/core/limits.ts';
import { type ConsoleHome, openConsole, openConsoleHome, type TestConsole } from './console-home.ts';

let home: ConsoleHome;
let console: TestConsole;
let version: number;
const streams: ReadableStreamDefaultReader<Uint8Array>[] = [];

beforeEach(async () => {
  vi.useFakeTimers();
  home = openConsoleHome();
  version = 1;
  console = openConsole(home, 'viewer', { version: async () => version });
  await console.logIn();
});

afterEach(async () => {
  await Promise.all(streams.splice(0).map((reader) => reader.cancel()));
  vi.useRealTimers();
});

const openStream = async (): Promise<ReadableStreamDefaultReader<Uint8Array>> => {
  const response = await console.stream('/api/hints');
  expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  streams.push(reader);
  return reader;
};

const next = async (reader: ReadableStreamDefaultReader<Uint8Array>): Promise<string> =>
  Buffer.from((await reader.read()).value ?? []).toString('utf8');

/** Both clocks: the one of the stream's pauses, and ours. */
const pass = async (ms: number): Promise<void> => {
  home.clock.advance(ms);
  await vi.advanceTimersByTimeAsync(ms);
};

test('a page is told that something has changed, and never what', async () => {
  const reader = await openStream();
  expect(await next(reader)).toBe('event: changed\ndata: {"version":1}\n\n');

  version = 2;
  await pass(LIMITS.consoleHintMsMin);
  version = 3;
  await pass(LIMITS.consoleHintMsMin);
  expect(await next(reader)).toBe('event: changed\ndata: {"version":2}\n\n');
  expect(await next(reader)).toBe('event: changed\ndata: {"version":3}\n\n');
});

test('many pages are told the seldomer, so that all of them together ask no more than a few', async () => {
  const readers = [await openStream(), await openStream(), await openStream(), await openStream()];
  for (const reader of readers) await next(reader);
  version = 2;
  const lines = readers.map(next);
  let told = 0;
  for (const line of lines) void line.then(() => (told += 1));
  await pass(LIMITS.consoleHintMsMin);
  expect(told).toBe(0);

  await pass((readers.length * 1000) / LIMITS.consoleHintsPerSecondMax - LIMITS.consoleHintMsMin);
  expect(await Promise.all(lines)).toEqual(readers.map(() => 'event: changed\ndata: {"version":2}\n\n'));
});

test('a stream with nothing to say says so now and then', async () => {
  const reader = await openStream();
  await next(reader);
  const line = next(reader);
  await pass(LIMITS.consoleHeartbeatMs);
  await pass(LIMITS.consoleLookMs);

  expect(await line).toBe(':\n\n');
});

test('a stream ends with its session, which it does not keep going', async () => {
  const reader = await openStream();
  await next(reader);
  await pass(LIMITS.consoleIdleMsMax);
  let read = await reader.read();
  while (!read.done) read = await reader.read();

  expect((await console.get('/api/session')).status).toBe(401);
});

test('a session has a few streams, and one that was left is free again', async () => {
  const readers = [];
  for (let opened = 0; opened < LIMITS.consoleStreamsPerSessionMax; opened += 1) readers.push(await openStream());
  expect((await console.get('/api/hints')).body.error).toBe('too_many_streams');

  await readers[0]?.cancel();
  await pass(LIMITS.consoleHintMsMin);
  await openStream();
});

test('a home that cannot say so cheaply sends nobody', async () => {
  const { version: _, ...without } = home.operatorHome;
  const over = openConsole({ ...home, operatorHome: without }, 'viewer');
  await over.logIn();

  expect((await over.get('/api/hints')).status).toBe(204);
});

test('a store that cannot be read ends the stream, and the page comes back by itself', async () => {
  let isAway = false;
  console = openConsole(home, 'viewer', {
    version: async () => {
      if (isAway) throw new Error('away');
      return 1;
    },
  });
  await console.logIn();
  const reader = await openStream();
  await next(reader);
  isAway = true;
  await pass(LIMITS.consoleHintMsMin);

  expect((await reader.read()).done).toBe(true);
  expect(console.bugs).toEqual([]);
});
