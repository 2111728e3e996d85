import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import type { LogFields } from '../../src/core/ports/logger.ts';
import { createTestClock } from '../support/clock.ts';
import {
  createTestFolder,
  type LocalServer,
  type LocalServerOptions,
  readStored,
  type Stored,
  startLocalServer,
  type TestFolder,
  waitUntil,
} from '../support/running-server.ts';
import { head } from './raw-exchange.ts';
import { CANARY, createSigner, SECRET_ENV, SECRETS, type Sign, serving } from './signed.ts';

export const clock = createTestClock();

export let folder: TestFolder;
export let server: LocalServer;
export let sign: Sign;
export let before: Stored;
let linesBefore = 0;

/** One server for all tests of a file; when they are over, nothing that it wrote may hold what came in. */
export const useServer = ({ edgeBounds }: Pick<LocalServerOptions, 'edgeBounds'> = {}): void => {
  beforeAll(async () => {
    folder = createTestFolder();
    const signer = await createSigner(clock.now());
    ({ sign } = signer);
    server = await startLocalServer({
      folder,
      clock,
      env: SECRET_ENV,
      certificates: serving(signer.leafPem),
      ...(edgeBounds === undefined ? {} : { edgeBounds }),
    });
  });

  afterAll(async () => {
    const metrics = await (await fetch(`${server.operationsUrl}/metrics`)).text();
    const stored = readStored(folder.data);
    await server.running.stop('test over');
    folder[Symbol.dispose]();
    const written = metrics + stored.plainText + JSON.stringify(server.lines);
    for (const secret of [CANARY, ...Object.values(SECRETS)]) expect(written).not.toContain(secret);
    expect(written).not.toContain('    at ');
  });

  beforeEach(() => {
    before = readStored(folder.data);
    linesBefore = server.lines.length;
  });
};

export const idsOf = ({ webhooks }: Stored): readonly string[] => webhooks.map((webhook) => webhook.id);

/** Lines about deliveries that were turned away, at the edge or as not genuine. */
export const turnedAwayLines = (): readonly LogFields[] =>
  server.lines
    .slice(linesBefore)
    .filter((line) => line.event === 'delivery.refused' || line.event === 'delivery.rejected')
    .map((line) => line.fields);

/** One log line with the reason, one audit entry with it, no webhook, nothing queued. */
export const expectRefusedFor = async (reason: string): Promise<void> => {
  await waitUntil(`a refusal for ${reason} is logged`, () => turnedAwayLines().length > 0);
  const turnedAwayIn = (stored: Stored) => stored.entries.filter((entry) => entry.chain === 'rejections');
  await waitUntil(
    'the refusal is audited',
    () => turnedAwayIn(readStored(folder.data)).length > turnedAwayIn(before).length,
  );
  const after = readStored(folder.data);
  expect(turnedAwayLines().map((fields) => fields.reason)).toEqual([reason]);
  expect(idsOf(after)).toEqual(idsOf(before));
  expect(after.queued).toBeLessThanOrEqual(before.queued);
  const added = turnedAwayIn(after).slice(turnedAwayIn(before).length);
  expect(added.map((entry) => entry.reason)).toEqual([reason]);
};

export const expectStored = (as: { status?: string; lastError: string | null }): void => {
  const added = readStored(folder.data).webhooks.slice(before.webhooks.length);
  expect(added).toEqual([expect.objectContaining(as)]);
};

export interface Refusal {
  readonly status: number;
  readonly code: string;
}

export const expectAnswer = (
  answer: { status: number; text: string; body?: string },
  { status, code }: Refusal,
): void => {
  expect(answer.status).toBe(status);
  expect(JSON.parse(answer.body ?? answer.text)).toEqual({ error: code });
  expect(answer.text).not.toContain(CANARY);
};

export const JSON_TYPE = ['Content-Type', 'application/json'] as const;
export const whole = (
  body: Uint8Array | string,
  headers: Readonly<Record<string, string>> = {},
): [string, Uint8Array] => {
  const bytes = Buffer.from(body);
  return [
    head('POST /webhook/stripe', [['Content-Length', bytes.length], JSON_TYPE, ...Object.entries(headers)]),
    bytes,
  ];
};
