/** What people and machines ask a running server. */

import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { createPrometheusMetrics } from '../../src/adapters/prometheus/prometheus-metrics.ts';
import { PayhookError } from '../../src/core/errors.ts';
import { createAnswerOperations } from '../../src/homes/local/health-and-metrics.ts';
import { createTestClock } from '../support/clock.ts';
import { createTestFolder, post, startLocalServer, waitUntil } from '../support/running-server.ts';
import { createSigner, SECRET_ENV, stripeEvent } from './signed.ts';

interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

interface Family {
  readonly type: string;
  readonly help: string;
  readonly samples: Map<string, Sample[]>;
}

const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"/y;

const readLabels = (text: string): Record<string, string> => {
  const labels: Record<string, string> = {};
  for (let at = 0; at < text.length; ) {
    LABEL.lastIndex = at;
    const match = LABEL.exec(text);
    if (match === null) throw new Error(`not labels: ${text}`);
    labels[match[1] ?? ''] = match[2] ?? '';
    at = LABEL.lastIndex;
    if (at < text.length && text[at] !== ',') throw new Error(`not labels: ${text}`);
    at += 1;
  }
  return labels;
};

/** Strict: a family is its HELP, its TYPE and its samples, in that order, and nothing else is there. */
const parseFamily = (lines: readonly string[]): readonly [string, Family] => {
  const [helpLine = '', typeLine = '', ...rest] = lines;
  const [, name = '', help = ''] = /^# HELP ([a-z_]+) (.+)$/.exec(helpLine) ?? [];
  const [, typed = '', type = ''] = /^# TYPE ([a-z_]+) (counter|gauge|histogram)$/.exec(typeLine) ?? [];
  if (name === '' || typed !== name) throw new Error(`not a family: ${lines.join('\n')}`);
  const samples = new Map<string, Sample[]>();
  for (const line of rest) {
    const match = /^([a-z_]+)(?:\{(.*)\})? ([0-9.e+-]+|NaN|\+Inf)$/.exec(line);
    if (match?.[1]?.startsWith(name) !== true) throw new Error(`not a sample of ${name}: ${line}`);
    const known = samples.get(match[1]) ?? [];
    samples.set(match[1], [...known, { labels: readLabels(match[2] ?? ''), value: Number(match[3]) }]);
  }
  return [name, { type, help, samples }];
};

const parseMetrics = (text: string): Map<string, Family> => {
  expect(text.endsWith('\n')).toBe(true);
  const blocks = text.trimEnd().split(/\n+(?=# HELP )/);
  const families = blocks.map((block) => parseFamily(block.split('\n').filter((line) => line !== '')));
  expect(new Set(families.map(([name]) => name)).size).toBe(families.length);
  return new Map(families);
};

const samplesOf = (families: Map<string, Family>, name: string): readonly Sample[] => {
  for (const family of families.values()) {
    const samples = family.samples.get(name);
    if (samples !== undefined) return samples;
  }
  return [];
};

describe('a running server', () => {
  test('is alive and ready, and counts what it did under every name that dashboards use', async () => {
    using folder = createTestFolder();
    const { sign } = await createSigner(Date.now());
    await using server = await startLocalServer({
      folder,
      env: SECRET_ENV,
      config: { processing: { attemptsMax: 1 } },
      handlers: `export const handle = (webhook) => { if (webhook.webhookId.endsWith('bad')) throw new Error('no'); };`,
    });
    const deliver = (id: string) => post(server.url, 'stripe', sign('stripe', stripeEvent(id), { now: Date.now() }));
    await Promise.all([deliver('evt_1'), deliver('evt_2'), deliver('evt_bad')]);
    await deliver('evt_1');
    await post(server.url, 'stripe', { body: Buffer.from('{}'), headers: {} });
    await post(server.url, 'nobody', { body: Buffer.from('{}'), headers: {} });
    await waitUntil(
      'all are processed',
      () => server.lines.filter((line) => line.event === 'attempt.finished').length === 3,
    );

    for (const [path, status] of [
      ['/health', 'alive'],
      ['/ready', 'ready'],
    ] as const) {
      const response = await fetch(server.url + path);
      expect([response.status, await response.json()]).toEqual([200, { status }]);
    }
    const response = await fetch(`${server.url}/metrics?from=somewhere`);
    const families = parseMetrics(await response.text());

    expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4');
    expect(Object.fromEntries([...families].map(([name, { type }]) => [name, type]))).toMatchObject({
      payhook_deliveries_total: 'counter',
      payhook_ack_seconds: 'histogram',
      payhook_queue_entries: 'gauge',
      payhook_queue_oldest_seconds: 'gauge',
      payhook_attempts_total: 'counter',
      payhook_attempt_seconds: 'histogram',
      payhook_dead_letters_total: 'counter',
      payhook_store_commit_operations: 'histogram',
      payhook_store_commit_seconds: 'histogram',
      payhook_card_data_values_total: 'counter',
      payhook_resident_bytes: 'gauge',
    });
    const deliveries = samplesOf(families, 'payhook_deliveries_total').map(({ labels, value }) => [
      labels.provider,
      labels.outcome,
      labels.reason,
      value,
    ]);
    expect(deliveries).toEqual(
      expect.arrayContaining([
        ['stripe', 'accepted', '', 3],
        ['stripe', 'duplicate', '', 1],
        ['stripe', 'rejected', 'signature_missing', 1],
        ['unknown', 'refused', '', 1],
      ]),
    );
    expect(samplesOf(families, 'payhook_dead_letters_total')).toEqual([{ labels: { provider: 'stripe' }, value: 1 }]);
    const acked = samplesOf(families, 'payhook_ack_seconds_count').reduce((sum, { value }) => sum + value, 0);
    expect(acked).toBe(6);
    const [waiting] = samplesOf(families, 'payhook_queue_oldest_seconds');
    expect(waiting?.value).toBe(0);
    expect(samplesOf(families, 'payhook_store_commit_operations_sum')[0]?.value).toBeGreaterThan(3);
    expect(samplesOf(families, 'payhook_resident_bytes')[0]?.value).toBeGreaterThan(10_000_000);
  });

  test('has buckets that only grow, and the last one counts everything', async () => {
    using folder = createTestFolder();
    await using server = await startLocalServer({ folder, env: SECRET_ENV });
    await post(server.url, 'stripe', { body: Buffer.from('{}'), headers: {} });

    const families = parseMetrics(await (await fetch(`${server.url}/metrics`)).text());

    for (const [name, family] of families) {
      if (family.type !== 'histogram') continue;
      const buckets = (family.samples.get(`${name}_bucket`) ?? []).map(({ value }) => value);
      const counts = (family.samples.get(`${name}_count`) ?? []).map(({ value }) => value);
      expect([name, buckets.toSorted((a, b) => a - b)]).toEqual([name, buckets]);
      expect([name, buckets.at(-1)]).toEqual([name, counts.at(-1)]);
    }
  });

  test('is not ready while another program holds the database, and ready again afterwards', async () => {
    using folder = createTestFolder();
    const clock = createTestClock();
    await using server = await startLocalServer({ folder, env: SECRET_ENV, clock });
    const ready = async (): Promise<number> => {
      clock.advance(1001);
      return (await fetch(`${server.url}/ready`)).status;
    };
    expect(await ready()).toBe(200);

    using other = new DatabaseSync(join(folder.data, 'payhook.db'));
    other.exec('BEGIN IMMEDIATE');
    clock.advance(1001);
    const response = await fetch(`${server.url}/ready`);

    expect([response.status, await response.json()]).toEqual([503, { status: 'not_ready', reason: 'store_busy' }]);
    expect((await fetch(`${server.url}/health`)).status).toBe(200);
    other.exec('ROLLBACK');
    expect(await ready()).toBe(200);
  });
});

describe('createAnswerOperations', () => {
  const create = (options: { isStopping?: boolean; probeWrite?: () => Promise<void> } = {}) => {
    const clock = createTestClock();
    const answer = createAnswerOperations({
      metrics: createPrometheusMetrics(),
      queue: {
        depth: async () => ({ ready: 2, waiting: 3, oldestEnqueuedAt: clock.now() - 90_000 }),
      },
      destinationDepths: async () => [
        { destination: 'ledger', waiting: 4, givenUp: 1, oldestEnqueuedAt: clock.now() - 30_000 },
        { destination: 'archive', waiting: 0, givenUp: 0, oldestEnqueuedAt: null },
      ],
      clock,
      probeWrite: options.probeWrite ?? (async () => undefined),
      isStopping: () => options.isStopping === true,
    });
    return { clock, answer };
  };

  test('says 503 while the server stops, so that a balancer sends no more', async () => {
    const { answer } = create({ isStopping: true });

    expect(await answer('/ready')).toMatchObject({ httpStatus: 503, text: '{"status":"stopping"}\n' });
    expect(await answer('/health')).toMatchObject({ httpStatus: 200 });
  });

  test('probes the disk at most once a second, and tells the code of what is wrong', async () => {
    let probes = 0;
    const { clock, answer } = create({
      probeWrite: async () => {
        probes += 1;
        throw new PayhookError('store_full', 'the path of the database');
      },
    });

    for (let index = 0; index < 50; index += 1) {
      expect(await answer('/ready')).toMatchObject({
        httpStatus: 503,
        text: '{"status":"not_ready","reason":"store_full"}\n',
      });
    }

    expect(probes).toBe(1);
    clock.advance(1001);
    await answer('/ready');
    expect(probes).toBe(2);
  });

  test('shows depth and age of the queue as they are at the scrape', async () => {
    const { answer } = create();

    const families = parseMetrics((await answer('/metrics'))?.text ?? '');

    expect(samplesOf(families, 'payhook_queue_entries')).toEqual([
      { labels: { state: 'ready' }, value: 2 },
      { labels: { state: 'waiting' }, value: 3 },
    ]);
    expect(samplesOf(families, 'payhook_queue_oldest_seconds')).toEqual([{ labels: {}, value: 90 }]);
  });

  test('shows what waits for each destination, since when, and what was given up', async () => {
    const { answer } = create();

    const families = parseMetrics((await answer('/metrics'))?.text ?? '');

    expect(samplesOf(families, 'payhook_destination_entries')).toEqual([
      { labels: { destination: 'ledger', state: 'waiting' }, value: 4 },
      { labels: { destination: 'ledger', state: 'given_up' }, value: 1 },
      { labels: { destination: 'archive', state: 'waiting' }, value: 0 },
      { labels: { destination: 'archive', state: 'given_up' }, value: 0 },
    ]);
    expect(samplesOf(families, 'payhook_destination_oldest_seconds')).toEqual([
      { labels: { destination: 'ledger' }, value: 30 },
      { labels: { destination: 'archive' }, value: 0 },
    ]);
  });

  test('leaves every other path to the edge', () => {
    const { answer } = create();

    expect(['/', '/health/', '/Health', '/metrics/x', '/webhook/stripe'].map((path) => answer(path))).toEqual(
      Array.from({ length: 5 }, () => undefined),
    );
  });
});
