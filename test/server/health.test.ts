/** What people and machines ask a running server. */

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { createPrometheusMetrics } from '../../src/adapters/prometheus/prometheus-metrics.ts';
import { PayhookError } from '../../src/core/errors.ts';
import { createProbes, createRenderMetrics } from '../../src/homes/local/health-and-metrics.ts';
import { createTestClock } from '../support/clock.ts';
import { createTestFolder, post, readStored, startLocalServer, waitUntil } from '../support/running-server.ts';
import { exchange } from './raw-exchange.ts';
import { createSigner, SECRET_ENV, stripeEvent } from './signed.ts';

/** A port that nobody has at this moment. */
const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
};

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
    const response = await fetch(`${server.operationsUrl}/metrics?from=somewhere`);
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

    const families = parseMetrics(await (await fetch(`${server.operationsUrl}/metrics`)).text());

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
    await using server = await startLocalServer({ folder, env: SECRET_ENV });
    const ready = async () => {
      const response = await fetch(`${server.url}/ready`);
      return [response.status, await response.json()];
    };
    expect(await ready()).toEqual([200, { status: 'ready' }]);

    using other = new DatabaseSync(join(folder.data, 'payhook.db'));
    other.exec('BEGIN IMMEDIATE');

    await waitUntil('/ready says no', async () => (await ready())[0] === 503);
    expect(await ready()).toEqual([503, { status: 'not_ready', reason: expect.stringMatching(/^store_/) }]);
    expect((await fetch(`${server.url}/health`)).status).toBe(200);
    other.exec('ROLLBACK');
    await waitUntil('/ready says yes', async () => (await ready())[0] === 200);
  });

  test.each(['/health', '/ready', '/health?from=a-balancer', 'http://any.example/ready'])(
    'answers HEAD %s without a body, and nothing of it is a delivery',
    async (target) => {
      using folder = createTestFolder();
      await using server = await startLocalServer({ folder, env: SECRET_ENV });

      const answer = await exchange(server.port, [`HEAD ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`]);

      expect([answer.status, answer.body]).toEqual([200, '']);
      expect(readStored(folder.data).entries.filter(({ chain }) => chain === 'rejections')).toEqual([]);
    },
  );

  test('tells strangers nothing of how it is doing: metrics are at an address of their own', async () => {
    using folder = createTestFolder();
    await using server = await startLocalServer({ folder, env: SECRET_ENV });

    const ofStranger = await fetch(`${server.url}/metrics`);
    const ofOperator = await fetch(`${server.operationsUrl}/metrics`);

    expect([ofStranger.status, await ofStranger.json()]).toEqual([404, { error: 'provider_unknown' }]);
    expect(ofOperator.status).toBe(200);
    expect(server.running.operationsPort).not.toBe(server.port);
  });

  test('starts beside another server that has its port for operations, unless it was told which to take', async () => {
    using folder = createTestFolder();
    using other = createTestFolder();
    const taken = createServer().listen(8082, '127.0.0.1');
    // Somebody else on the machine may have it already: it is taken either way.
    await Promise.race([once(taken, 'listening'), once(taken, 'error')]);
    try {
      const env = { ...SECRET_ENV, PAYHOOK_PORT: String(await freePort()) };
      await using server = await startLocalServer({ folder, env: { ...env, PAYHOOK_OPERATIONS_PORT: undefined } });
      const warned = server.lines.find(({ event }) => event === 'operations.port_taken');

      expect(server.running.operationsPort).not.toBe(8082);
      expect((await fetch(`${server.operationsUrl}/metrics`)).status).toBe(200);
      expect(warned?.fields).toMatchObject({ port: 8082, operations_port: server.running.operationsPort });

      const told = { ...SECRET_ENV, PAYHOOK_PORT: String(await freePort()), PAYHOOK_OPERATIONS_PORT: '8082' };
      await expect(startLocalServer({ folder: other, env: told })).rejects.toThrow('port 8082 is taken');
    } finally {
      taken.close();
    }
  });

  test('answers for operations within limits: health, HEAD, other paths, other methods, floods', async () => {
    using folder = createTestFolder();
    await using server = await startLocalServer({ folder, env: SECRET_ENV, clock: createTestClock() });
    const ask = async (path: string, method = 'GET') => {
      const response = await fetch(server.operationsUrl + path, { method });
      return `${response.status} ${(await response.text()).slice(0, 40)}`.trim();
    };

    expect(await ask('/health')).toBe('200 {"status":"alive"}');
    expect(await ask('/ready')).toBe('200 {"status":"ready"}');
    expect(await ask('/metrics', 'HEAD')).toBe('200');
    expect(await ask('/webhook/stripe')).toBe('404 {"error":"not_found"}');
    expect(await ask('/metrics', 'POST')).toBe('405 {"error":"method_not_allowed"}');
    const flood = await Promise.all(Array.from({ length: 50 }, () => ask('/metrics', 'HEAD')));
    expect(new Set(flood)).toEqual(new Set(['200', '429']));
    expect(readStored(folder.data).entries.filter(({ chain }) => chain === 'rejections')).toEqual([]);
  });
});

describe('createProbes', () => {
  const create = (options: Partial<Parameters<typeof createProbes>[0]> = {}) =>
    createProbes({
      probeWrite: async () => undefined,
      isStopping: () => false,
      warning: () => null,
      ...options,
    });

  test('says 503 while the server stops, so that a balancer sends no more', () => {
    const { answer } = create({ isStopping: () => true });

    expect(answer('/ready')).toMatchObject({ httpStatus: 503, text: '{"status":"stopping"}\n' });
    expect(answer('/health')).toMatchObject({ httpStatus: 200 });
  });

  test('answers out of memory: however often it is asked, nothing is written', async () => {
    let writes = 0;
    const { answer, probe } = create({
      probeWrite: async () => {
        writes += 1;
        throw new PayhookError('store_full', 'the path of the database');
      },
    });
    await probe();

    for (let index = 0; index < 50; index += 1) {
      expect(answer('/ready')).toMatchObject({
        httpStatus: 503,
        text: '{"status":"not_ready","reason":"store_full"}\n',
      });
    }

    expect(writes).toBe(1);
  });

  test('is not ready before the first write, nor while one does not come back, and ready when it has', async () => {
    const write = Promise.withResolvers<void>();
    const { answer, probe } = create({ probeWrite: () => write.promise });
    expect(answer('/ready')?.httpStatus).toBe(503);
    write.resolve();
    await probe();
    expect(answer('/ready')?.httpStatus).toBe(200);

    const hung = Promise.withResolvers<void>();
    let isHung = true;
    const slow = create({ probeWrite: () => (isHung ? hung.promise : Promise.resolve()) });
    isHung = false;
    await slow.probe();
    isHung = true;
    const probes = [slow.probe(), slow.probe()];
    expect(slow.answer('/ready')?.httpStatus).toBe(200);
    probes.push(slow.probe());
    expect(slow.answer('/ready')).toMatchObject({
      httpStatus: 503,
      text: expect.stringContaining('store_unavailable'),
    });
    hung.resolve();
    await Promise.all(probes);
    expect(slow.answer('/ready')?.httpStatus).toBe(200);
  });

  test('is ready and says what is wrong all the same', async () => {
    const { answer, probe } = create({ warning: () => 'a proxy seems to be in front' });
    await probe();

    expect(answer('/ready')).toMatchObject({
      httpStatus: 200,
      text: '{"status":"ready","warning":"a proxy seems to be in front"}\n',
    });
  });

  test('leaves every other path to the edge', () => {
    const { answer } = create();

    expect(['/', '/health/', '/Health', '/metrics', '/webhook/stripe'].map((path) => answer(path))).toEqual(
      Array.from({ length: 5 }, () => undefined),
    );
  });
});

describe('createRenderMetrics', () => {
  const create = () => {
    const clock = createTestClock();
    let counts = 0;
    const render = createRenderMetrics({
      metrics: createPrometheusMetrics(),
      queue: {
        depth: async () => {
          counts += 1;
          if (counts === 3) throw new PayhookError('store_busy', 'not now');
          return { ready: 2, waiting: 3, oldestEnqueuedAt: clock.now() - 90_000 };
        },
      },
      destinationDepths: async () => [
        { destination: 'ledger', waiting: 4, givenUp: 1, oldestEnqueuedAt: clock.now() - 30_000 },
        { destination: 'archive', waiting: 0, givenUp: 0, oldestEnqueuedAt: null },
      ],
      clock,
    });
    return { clock, render, counts: () => counts };
  };

  test('shows depth and age of the queue', async () => {
    const families = parseMetrics((await create().render()).text);

    expect(samplesOf(families, 'payhook_queue_entries')).toEqual([
      { labels: { state: 'ready' }, value: 2 },
      { labels: { state: 'waiting' }, value: 3 },
    ]);
    expect(samplesOf(families, 'payhook_queue_oldest_seconds')).toEqual([{ labels: {}, value: 90 }]);
  });

  test('shows what waits for each destination, since when, and what was given up', async () => {
    const families = parseMetrics((await create().render()).text);

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

  test('counts what waits once in five seconds, for all who ask, and again after it failed', async () => {
    const { clock, render, counts } = create();

    await Promise.all(Array.from({ length: 20 }, render));
    clock.advance(4999);
    await render();
    expect(counts()).toBe(1);
    clock.advance(1);
    await render();
    expect(counts()).toBe(2);
    clock.advance(5000);
    await expect(render()).rejects.toThrow('not now');
    await render();
    expect(counts()).toBe(4);
  });
});
