import { spawnSync } from 'node:child_process';
import { getEventListeners } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createNdjsonDestination } from '../../src/adapters/file/ndjson-destination.ts';
import type { Destination } from '../../src/destinations/destination.ts';
import { describeUnless } from '../support/describe-unless.ts';
import { mountSmallDisk, unmountDisk, whyNoSmallDisk } from '../support/full-disk.ts';
import { createTestFolder, type TestFolder, waitUntil } from '../support/running-server.ts';
import { describeDestination, messageNumber, messagesUpTo } from './destination-contract.ts';

const { signal } = new AbortController();
const DELIVERED = { outcome: 'delivered' };

let folder: TestFolder;
let path: string;

beforeEach(() => {
  folder = createTestFolder();
  path = join(folder.path, 'events.ndjson');
});

afterEach(() => folder[Symbol.dispose]());

const open = (overrides: { fileBytesMax?: number; filesMax?: number; path?: string } = {}): Destination =>
  createNdjsonDestination({ name: 'archive', path, fileBytesMax: 1_000_000, filesMax: 3, ...overrides });

const linesOf = (file: string): string[] => readFileSync(file, 'utf8').split('\n');

const readIfAny = (pipe: number, bytesMax: number): number => {
  try {
    return readSync(pipe, Buffer.alloc(bytesMax));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return 0;
    throw error;
  }
};

/** Fails when a line holds anything but one event. */
const idsIn = (file: string): string[] => {
  const lines = linesOf(file);
  expect(lines.pop()).toBe('');
  return lines.map((line) => JSON.parse(line).id);
};

describeDestination('ndjson', async () => ({
  destination: open(),
  arrivedIds: () => (existsSync(path) ? idsIn(path) : []),
  setDown: (isDown) => (isDown ? mkdirSync(path) : rmdirSync(path)),
  [Symbol.asyncDispose]: async () => {},
}));

describe('createNdjsonDestination', () => {
  test('writes the id and the fields of the body, one event on one line', async () => {
    const message = messageNumber(7, 'two\nlines "quoted" €');

    await open().send([message], signal);

    const [line, ...rest] = linesOf(path);
    expect(JSON.parse(line ?? '')).toEqual({ id: message.id, ...JSON.parse(message.body) });
    expect(Object.keys(JSON.parse(line ?? ''))).toEqual(['id', 'type', 'timestamp', 'data']);
    expect(rest).toEqual(['']);
  });

  test('makes a file that only its owner may read, and leaves the mode of another', async ({ skip }) => {
    skip(process.platform === 'win32', 'Windows has no modes of files');
    await open().send([messageNumber(1)], signal);
    expect(statSync(path).mode & 0o777).toBe(0o600);

    chmodSync(path, 0o640);
    await open().send([messageNumber(2)], signal);

    expect(statSync(path).mode & 0o777).toBe(0o640);
  });

  test('appends to what is there, across calls at the same time and a restart', async () => {
    const destination = open();
    await Promise.all([1, 2, 3].map((number) => destination.send([messageNumber(number)], signal)));

    await open().send([messageNumber(4)], signal);

    expect(idsIn(path)).toEqual([1, 2, 3, 4].map((number) => messageNumber(number).id));
  });

  test.each([
    ['moved', () => renameSync(path, `${path}.moved`)],
    ['removed', () => rmSync(path)],
  ])('makes a new file when the old one was %s', async (_what, change) => {
    const destination = open();
    await destination.send([messageNumber(1)], signal);
    change();

    await destination.send([messageNumber(2)], signal);

    expect(idsIn(path)).toEqual([messageNumber(2).id]);
  });

  test('ends a line that a crash cut off before it writes the next one', async () => {
    writeFileSync(path, '{"id":"stripe:evt_0","type":"paym');

    await open().send([messageNumber(1)], signal);

    const [cut, line, end] = linesOf(path);
    expect(cut).toBe('{"id":"stripe:evt_0","type":"paym');
    expect(JSON.parse(line ?? '').id).toBe(messageNumber(1).id);
    expect(end).toBe('');
  });
});

describe('a file of events that grows', () => {
  const fileBytesMax = 1000;
  const lineBytes = JSON.stringify({ id: messageNumber(10).id, ...JSON.parse(messageNumber(10).body) }).length + 1;
  const linesMax = Math.floor(fileBytesMax / lineBytes);

  test('is rotated before it is larger than it may be, the oldest removed, no event lost or doubled before', async () => {
    const destination = open({ fileBytesMax, filesMax: 3 });
    const messages = Array.from({ length: linesMax * 4 + 1 }, (_, index) => messageNumber(index + 10));

    for (const message of messages) await destination.send([message], signal);

    expect(readdirSync(folder.path).sort()).toEqual(['events.ndjson', 'events.ndjson.1', 'events.ndjson.2']);
    const kept = [`${path}.2`, `${path}.1`, path];
    for (const file of kept) expect(statSync(file).size).toBeLessThanOrEqual(fileBytesMax);
    expect(kept.flatMap(idsIn)).toEqual(messages.slice(linesMax * 2).map(({ id }) => id));
  });

  test('keeps every event, in order, when many calls come at the same time', async () => {
    const destination = open({ fileBytesMax, filesMax: 100 });
    const messages = Array.from({ length: 50 }, (_, index) => messageNumber(index + 10));

    const results = await Promise.all(messages.map((message) => destination.send([message], signal)));

    expect(results.flat()).toEqual(messages.map(() => DELIVERED));
    const numberOf = (file: string): number => Number(file.slice('events.ndjson.'.length));
    const files = readdirSync(folder.path).sort((left, right) => numberOf(right) - numberOf(left));
    expect(files.flatMap((file) => idsIn(join(folder.path, file)))).toEqual(messages.map(({ id }) => id));
  });

  test('is the only one when only one is kept', async () => {
    const destination = open({ fileBytesMax, filesMax: 1 });

    for (let number = 10; number <= 10 + linesMax; number += 1) await destination.send([messageNumber(number)], signal);

    expect(readdirSync(folder.path)).toEqual(['events.ndjson']);
    expect(idsIn(path)).toEqual([messageNumber(10 + linesMax).id]);
  });

  test('goes on after a crash in the middle of a rotation', async () => {
    writeFileSync(`${path}.2`, 'oldest\n');
    writeFileSync(path, `${'x'.repeat(fileBytesMax)}\n`);

    await open({ fileBytesMax, filesMax: 4 }).send([messageNumber(1)], signal);

    expect(readFileSync(`${path}.3`, 'utf8')).toBe('oldest\n');
    expect(statSync(`${path}.1`).size).toBe(fileBytesMax + 1);
    expect(idsIn(path)).toEqual([messageNumber(1).id]);
  });

  test('takes a call that is larger than a file may be whole, in a file of its own', async () => {
    const destination = open({ fileBytesMax, filesMax: 3 });
    const messages = messagesUpTo(linesMax + 5);
    await destination.send([messageNumber(99)], signal);

    await destination.send(messages, signal);

    expect(idsIn(path)).toEqual(messages.map(({ id }) => id));
    expect(idsIn(`${path}.1`)).toEqual([messageNumber(99).id]);
  });
});

describe('a file that cannot be written', () => {
  test('is named with the code of the error, and costs no more than the one call', async () => {
    mkdirSync(path);
    const destination = open();

    const results = await destination.send([messageNumber(1), messageNumber(2)], signal);

    const failure = {
      outcome: 'failed',
      reason: 'not_written',
      detail: `cannot write the file: EISDIR at ${path}`,
      retryAfterMs: null,
      isDestinationDown: true,
    };
    expect(results).toEqual([failure, failure]);
    rmdirSync(path);
    expect(await destination.send([messageNumber(3)], signal)).toEqual([DELIVERED]);
    expect(idsIn(path)).toEqual([messageNumber(3).id]);
  });

  test('says that its folder is missing, and does not make one: a disk may not be mounted', async () => {
    const missing = join(folder.path, 'missing', 'events.ndjson');

    const [result] = await open({ path: missing }).send([messageNumber(1)], signal);

    expect(result).toMatchObject({ reason: 'not_written', detail: expect.stringContaining('ENOENT') });
  });

  test('has a bounded sentence however long its path is', async () => {
    const [result] = await open({ path: `/${'x'.repeat(5000)}` }).send([messageNumber(1)], signal);

    expect(result).toMatchObject({
      detail: expect.stringMatching(/^cannot write the file: ENAMETOOLONG at .{1,470}$/),
    });
  });

  test('lets the caller go whose signal ends while the disk hangs', async ({ skip }) => {
    skip(process.platform === 'win32', 'Windows has no pipes in its file system');
    // A pipe takes 64 KiB and then makes the writer wait until somebody reads.
    spawnSync('mkfifo', [path]);
    const pipe = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const controller = new AbortController();
    const message = messageNumber(1, 'x'.repeat(200_000));
    const sending = open().send([message], controller.signal);
    let bytesRead = 0;
    const read = (bytesMax: number): number => {
      bytesRead += readIfAny(pipe, bytesMax);
      return bytesRead;
    };
    await waitUntil('the writer has begun', () => read(1) > 0);

    controller.abort();

    expect(await sending).toEqual([expect.objectContaining({ reason: 'not_written', isDestinationDown: false })]);
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    await waitUntil('the writer is done', () => read(100_000) > message.body.length);
    closeSync(pipe);
  });
});

describeUnless(whyNoSmallDisk(), 'a file on a disk that is full', () => {
  let disk: string;

  beforeEach(() => {
    disk = join(folder.path, 'disk');
    mkdirSync(disk);
    mountSmallDisk(disk, 1);
    path = join(disk, 'events.ndjson');
  });

  afterEach(() => {
    unmountDisk(disk);
  });

  /** Leaves `bytesFree`, rounded to pages. */
  const fill = (bytesFree: number): void => {
    const filler = join(disk, 'filler');
    try {
      for (;;) appendFileSync(filler, Buffer.alloc(4096));
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
    }
    const bytes = readFileSync(filler).subarray(0, -bytesFree);
    rmSync(filler);
    writeFileSync(filler, bytes);
  };

  test('keeps no half of what did not fit, and takes it all when there is room', async () => {
    const destination = open();
    await destination.send([messageNumber(1)], signal);
    const before = readFileSync(path, 'utf8');
    fill(40_960);
    const large = [messageNumber(2), messageNumber(3, 'x'.repeat(200_000)), messageNumber(4)];

    const results = await destination.send(large, signal);

    const failure = {
      reason: 'not_written',
      isDestinationDown: true,
      detail: `cannot write the file: ENOSPC at ${path}`,
    };
    expect(results).toEqual(large.map(() => expect.objectContaining(failure)));
    expect(readFileSync(path, 'utf8')).toBe(before);
    expect(await destination.send([messageNumber(5)], signal)).toEqual([DELIVERED]);
    rmSync(join(disk, 'filler'));
    expect(await destination.send(large, signal)).toEqual(large.map(() => DELIVERED));
    expect(idsIn(path)).toEqual([1, 5, 2, 3, 4].map((number) => messageNumber(number).id));
  });
});
