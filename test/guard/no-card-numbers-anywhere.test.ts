/**
 * Card numbers in ten and more forms, in every text of every provider's samples, in headers, ids and the words of handlers:
 * after the whole flow through the local home none of them stands in the database, its log, the lines of both loggers, an
 * answer, an alert, a destination, or in what any command prints.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createStdoutLogger } from '../../src/adapters/aws/telemetry/stdout-logger.ts';
import type { LogLine } from '../../src/adapters/memory/memory-recorders.ts';
import { createPinoLogger } from '../../src/adapters/pino/pino-logger.ts';
import { systemClock } from '../../src/adapters/system/system-clock.ts';
import type { SignedDelivery } from '../../src/core/ports/provider.ts';
import type { JsonValue } from '../../src/core/read-json.ts';
import { bodyBytes, sampleBody, samplesOf } from '../../src/samples/samples.ts';
import { jsonLines, runHere } from '../cli/run-here.ts';
import { type Endpoint, startEndpoint } from '../destinations/endpoint.ts';
import { createSigner, PROVIDER_NAMES, type ProviderName, SECRET_ENV, type Sign } from '../server/signed.ts';
import { runs } from '../support/property-runs.ts';
import {
  createTestFolder,
  type LocalServer,
  post,
  startLocalServer,
  type TestFolder,
  waitUntil,
  writeSetup,
} from '../support/running-server.ts';
import { seededInput } from '../support/sample-input.ts';
import { type Path, plantAt, textPathsOf } from './plant.ts';
import { FORMS, NUMBERS, numbersIn } from './planted-numbers.ts';

const WRITTEN = NUMBERS.flatMap((number) => Object.values(FORMS).map((write) => write(number)));

/** Says what it was given in every way that a handler has, and something of its own. */
const HANDLERS = `
const texts = ${JSON.stringify(WRITTEN)};
const secrets = ' cvc=737 sk_live_51Abcdefghijkl whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw ';
let calls = 0;
export const handle = (webhook, { logger }) => {
  calls += 1;
  const said = texts[calls % texts.length] + secrets + Buffer.from(webhook.payload).toString();
  logger.warn('handler.said ' + texts[0], { message: said, reason: said, anything: { at: said } });
  if (calls % 4 === 0) return { outcome: 'give_up', reason: said };
  if (calls % 4 === 1) return { outcome: 'ignore', reason: said };
  if (calls % 4 === 2) return { outcome: 'retry', afterMs: 3_600_000, reason: said };
  const error = new Error(said);
  error.name = 'Declined ' + texts[1];
  throw error;
};`;

interface Sample {
  readonly provider: ProviderName;
  readonly document: JsonValue;
  readonly paths: readonly Path[];
}

const SAMPLES: readonly Sample[] = PROVIDER_NAMES.flatMap((provider) =>
  samplesOf(provider).map((sample, index) => {
    const body = sampleBody(provider, sample, seededInput(`${provider}-${index}`, { now: Date.now() }));
    const document = JSON.parse(Buffer.from(body).toString()) as JsonValue;
    return { provider, document, paths: textPathsOf(document) };
  }),
);

interface Planted {
  readonly sample: Sample;
  readonly path: Path;
  readonly text: string;
  readonly header: string;
}

const planted: fc.Arbitrary<Planted> = fc
  .tuple(
    fc.constantFrom(...SAMPLES).chain((sample) => fc.constantFrom(...sample.paths).map((path) => ({ sample, path }))),
    fc.constantFrom(...WRITTEN),
    fc.constantFrom(...WRITTEN),
    fc.constantFrom<(before: string, text: string) => string>(
      (_, text) => text,
      (before, text) => `${before} ${text}`,
      (_, text) => `paid with ${text}, thanks`,
    ),
  )
  .map(([{ sample, path }, text, inHeader, place]) => ({
    sample,
    path,
    text: place('before', text),
    // Headers have one byte a character.
    header: Buffer.from(inHeader).toString('latin1'),
  }));

let folder: TestFolder;
let server: LocalServer;
let alerts: Endpoint;
let destination: Endpoint;
let sign: Sign;
let env: Record<string, string>;
const answers: string[] = [];

beforeAll(async () => {
  const signer = await createSigner(Date.now());
  sign = signer.sign;
  folder = createTestFolder();
  alerts = await startEndpoint((response) => response.end());
  destination = await startEndpoint((response) => response.writeHead(500, `no ${NUMBERS[0]}`).end(NUMBERS[1]));
  const setup = {
    env: SECRET_ENV,
    config: {
      alertsUrl: alerts.url,
      destinations: {
        archive: { kind: 'ndjson', path: 'events.ndjson', events: ['*'] },
        ledger: { kind: 'http', url: destination.url, arePrivateAddressesAllowed: true, events: ['*'] },
      },
    },
    handlers: HANDLERS,
  } as const;
  const certificates = { fetch: async () => ({ outcome: 'found', pem: signer.leafPem }) as const };
  server = await startLocalServer({ folder, ...setup, certificates });
  env = writeSetup(folder, setup);
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await alerts[Symbol.asyncDispose]();
  await destination[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

/** Null for what the provider itself could not sign: a signed field in another form than it sends. */
const signed = (provider: ProviderName, body: Uint8Array): SignedDelivery | null => {
  try {
    return sign(provider, body, { now: Date.now() });
  } catch {
    return null;
  }
};

const deliver = async ({ sample: { provider, document }, path, text, header }: Planted): Promise<number | null> => {
  const delivery = signed(
    provider,
    bodyBytes(
      provider,
      plantAt(document, path, () => text),
    ),
  );
  if (delivery === null) return null;
  const answer = await post(server.url, provider, delivery, {
    'user-agent': header,
    'correlation-id': header,
    'square-retry-reason': header,
  });
  answers.push(answer.text, JSON.stringify([...answer.headers]));
  return answer.status;
};

const linesOf = (lines: readonly LogLine[]): string => {
  const written: string[] = [];
  const json = createStdoutLogger({ clock: systemClock, write: (line) => written.push(line) });
  const out = vi.spyOn(process.stdout, 'write').mockImplementation((line) => written.push(String(line)) > 0);
  const text = createPinoLogger({ format: 'text', level: 'info' });
  for (const { level, event, fields } of lines) {
    json[level](event, fields);
    text[level](event, fields);
  }
  out.mockRestore();
  return written.join('\n');
};

/** Every file of the home: database, write-ahead log, NDJSON. */
const filesOf = (path: string): readonly (readonly [string, string])[] =>
  readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'handlers.mjs')
    .map((entry) => [entry.name, readFileSync(join(entry.parentPath, entry.name)).toString('utf8')] as const);

const printed = async (...args: string[]): Promise<string> => {
  const { stdout, stderr } = await runHere(args, env, { cwd: folder.path });
  return stdout + stderr;
};

/** Adyen’s own references and what a sample holds by chance do not begin as any of the planted numbers. */
describe('card numbers planted in every text', () => {
  test('are taken in as genuine deliveries, whatever they stand in', async () => {
    const statuses = new Map<number | null, number>();

    await fc.assert(
      fc.asyncProperty(planted, async (one) => {
        const status = await deliver(one);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }),
      runs(1500),
    );

    expect([...statuses.keys()].filter((status) => status !== null && status !== 200 && status !== 401)).toEqual([]);
    expect(statuses.get(200) ?? 0).toBeGreaterThan(((statuses.get(401) ?? 0) + (statuses.get(null) ?? 0)) * 5);
  }, 240_000);

  test('stand in nothing that is kept, said or shown', async () => {
    await waitUntil('everything was attempted', async () => {
      const waiting = jsonLines(
        await runHere(['webhooks', 'list', '--status', 'received', '--json'], env, { cwd: folder.path }),
      );
      return waiting.length === 0;
    });
    const listed = jsonLines(
      await runHere(['webhooks', 'list', '--limit', '1000', '--json'], env, { cwd: folder.path }),
    );
    const payments = jsonLines(
      await runHere(['payments', 'list', '--limit', '1000', '--json'], env, { cwd: folder.path }),
    );
    const shown: string[] = [];
    for (const { webhookId } of listed.slice(0, 30)) {
      shown.push(await printed('webhooks', 'show', String(webhookId), '--payload', '--reason', 'ticket 4711'));
      shown.push(await printed('webhooks', 'show', String(webhookId), '--json'));
    }
    for (const { paymentId } of payments.slice(0, 10)) shown.push(await printed('payments', 'show', String(paymentId)));
    const places: readonly (readonly [string, string])[] = [
      ['answers', answers.join('\n')],
      ['log lines', linesOf(server.lines)],
      ['alerts', JSON.stringify(alerts.requests)],
      ['destination', JSON.stringify(destination.requests)],
      ['webhooks list', await printed('webhooks', 'list', '--limit', '1000')],
      ['payments list', await printed('payments', 'list', '--limit', '1000')],
      ['audit list', await printed('audit', 'list', '--limit', '1000', '--json')],
      ['dead-letters list', await printed('dead-letters', 'list')],
      ['destinations list', await printed('destinations', 'list')],
      ['metrics', await (await fetch(`${server.url}/metrics`)).text()],
      ...shown.map((text, index) => [`shown ${index}`, text] as const),
      ...filesOf(folder.path),
    ];

    expect(listed.length).toBeGreaterThan(50);
    expect(shown.join('\n')).toContain('******');
    for (const [place, text] of places) {
      expect([place, numbersIn(text)]).toEqual([place, []]);
      expect([place, /sk_live_51Abc|whsec_MfKQ|cvc=737/.exec(text)?.[0]]).toEqual([place, undefined]);
    }
    expect(places.map(([place]) => place)).toEqual(
      expect.arrayContaining(['payhook.db', 'payhook.db-wal', 'events.ndjson']),
    );
  }, 240_000);

  test('are found all the same when an operator asks for the id that was one', async () => {
    // None of those that were planted: one of them may be the id of something else by now.
    const number = '4000056655665556';
    const body = JSON.stringify({ type: 'invoice.paid', id: number, data: { id: number } });
    const answer = await post(server.url, 'standard-webhooks', sign('standard-webhooks', body, { now: Date.now() }));

    const { stdout, code } = await runHere(['webhooks', 'show', `standard-webhooks:${number}`], env, {
      cwd: folder.path,
    });

    expect(answer.json.webhookId).toMatch(/^standard-webhooks:sha256-[0-9a-f]{64}$/);
    expect(code).toBe(0);
    expect(stdout).toContain(String(answer.json.webhookId));
    expect(numbersIn(stdout, [number, ...NUMBERS])).toEqual([]);
  });
});
