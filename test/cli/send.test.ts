import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LIMITS } from '../../src/core/limits.ts';
import { sampleBody, sampleNamed, samplesOf } from '../../src/samples/samples.ts';
import { PROVIDER_NAMES } from '../server/signed.ts';
import {
  createTestFolder,
  type LocalServer,
  type Ran,
  readStored,
  startLocalServer,
  type TestFolder,
  writeSetup,
} from '../support/running-server.ts';
import { seededInput } from '../support/sample-input.ts';
import { jsonLines, runHere } from './run-here.ts';

const SAMPLES: Readonly<Record<string, string>> = {
  stripe: 'payment_intent.succeeded',
  paypal: 'PAYMENT.CAPTURE.COMPLETED',
  square: 'payment.updated',
  adyen: 'AUTHORISATION',
  'standard-webhooks': 'payment.succeeded',
};

describe('payhook send', () => {
  let folder: TestFolder;
  let server: LocalServer;
  let env: Record<string, string>;

  beforeAll(async () => {
    folder = createTestFolder();
    server = await startLocalServer({ folder });
    env = writeSetup(folder, {});
  });
  afterAll(async () => {
    await server.running.stop('test over');
    folder[Symbol.dispose]();
  });
  const send = (...args: string[]): Promise<Ran> => runHere(['send', ...args, '--url', server.url], env);

  test.each(PROVIDER_NAMES)('signs for %s as the server expects it, and shows what became of it', async (provider) => {
    const ran = await send(provider, SAMPLES[provider] ?? '');

    expect([ran.code, ran.stderr]).toEqual([0, '']);
    expect(ran.stdout).toMatch(
      /^sent {7}.+ bytes, signed\naccepted {3}\S+:\S+ {2}\(200 after .* ms\)\n(?:processed {2}after 1 attempt|ignored {4}after 1 attempt: provider_not_mapped)\n/,
    );
    expect(ran.stdout).toMatch(/audited {4}#\d+ WEBHOOK_ACCEPTED by provider:/);
  });

  test.each(PROVIDER_NAMES)('--tamper of %s is refused, which is what should happen', async (provider) => {
    const before = readStored(folder.data).webhooks.length;

    const ran = await send(provider, SAMPLES[provider] ?? '', '--tamper', '--json');

    expect([ran.code, jsonLines(ran)]).toEqual([
      0,
      [
        expect.objectContaining({
          provider,
          httpStatus: 401,
          status: null,
          webhookId: null,
          error: 'signature_verification_failed',
        }),
      ],
    ]);
    expect(readStored(folder.data).webhooks).toHaveLength(before);
  });

  test.each(
    PROVIDER_NAMES.flatMap((provider) => samplesOf(provider).map((sample) => [provider, sample.eventType] as const)),
  )('--tamper changes something that %s signs in %s', async (provider, eventType) => {
    expect((await send(provider, eventType, '--tamper', '--json')).code).toBe(0);
  });

  test.each(PROVIDER_NAMES)('--duplicate of %s is stored once', async (provider) => {
    const before = readStored(folder.data).webhooks.length;

    const ran = await send(provider, SAMPLES[provider] ?? '', '--duplicate', '--json');

    const [first, second, followed] = jsonLines(ran);
    expect([ran.code, first?.status, second?.status]).toEqual([0, 'accepted', 'duplicate']);
    expect(Object.keys(first ?? {})).toEqual([
      'provider',
      'eventType',
      'httpStatus',
      'status',
      'webhookId',
      'error',
      'durationMs',
    ]);
    expect([second?.webhookId, followed?.webhookId]).toEqual([first?.webhookId, first?.webhookId]);
    expect(readStored(folder.data).webhooks).toHaveLength(before + 1);
  });

  test('--count sends as many new events at the rate asked for, and sums up', async () => {
    const before = readStored(folder.data).webhooks.length;

    const ran = await send('stripe', 'charge.refunded', '--count', '30', '--rate', '60', '--json');

    const [summary] = jsonLines(ran);
    expect([ran.code, summary]).toEqual([
      0,
      {
        sent: 30,
        seconds: expect.any(Number),
        perSecond: expect.any(Number),
        p50Ms: expect.any(Number),
        p99Ms: expect.any(Number),
        answers: { '200 accepted': 30 },
      },
    ]);
    expect(summary?.seconds).toBeGreaterThanOrEqual(0.45);
    expect(readStored(folder.data).webhooks).toHaveLength(before + 30);
    expect((await send('stripe', 'charge.refunded', '--count', '3')).stdout).toMatch(
      /^sent +3 in .* s .*\nanswered +p50 .*\n200 accepted +3\n$/,
    );
  });

  test('from a folder that has no database takes the answer for all that it can know', async () => {
    using other = createTestFolder();
    mkdirSync(other.data, { mode: 0o700 });
    cpSync(join(folder.data, 'development-secrets.json'), join(other.data, 'development-secrets.json'));

    const ran = await runHere(['send', 'stripe', 'charge.refunded', '--url', server.url], writeSetup(other, {}));

    expect([ran.code, ran.stderr]).toEqual([0, '']);
    expect(ran.stdout).toMatch(/accepted {3}\S+ {2}\(200 after .* ms\)\n$/);
  });

  test('says who cannot be reached when no server runs', async () => {
    for (const more of [[], ['--count', '5']]) {
      const ran = await runHere(['send', 'stripe', 'charge.refunded', '--url', 'http://127.0.0.1:1', ...more], env);

      expect([ran.code, ran.stderr]).toEqual([
        1,
        expect.stringMatching(/^payhook: cannot reach http:\/\/127\.0\.0\.1:1 .*npm start/),
      ]);
      expect(ran.stderr).not.toContain('    at ');
    }
  });

  test('refuses with 2 what it does not know, and says what there is', async () => {
    expect(await send('nobody', 'x')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('stripe, paypal, square'),
    });
    expect(await send('stripe', 'nothing.happened')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('payment_intent.succeeded'),
    });
    expect(await runHere(['send', 'stripe', 'charge.refunded', '--url', 'ftp://x'], env)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--url ftp://x'),
    });
    expect(await runHere(['send', 'stripe'], env)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('takes an event type or --file'),
    });
    expect(await runHere(['send', 'strip'], env)).toMatchObject({
      code: 2,
      stderr: 'payhook: there is no provider strip: did you mean stripe?\n',
    });
    expect(await send('stripe', 'charge.refunded', '--count', '0')).toMatchObject({ code: 2 });
  });

  test('keeps what it makes for itself from others', () => {
    for (const name of ['development-secrets.json', 'development-paypal.json', 'payload.key', 'audit-signing.key'])
      expect([name, statSync(join(folder.data, name)).mode & 0o077]).toEqual([name, 0]);
  });

  describe('--file', () => {
    const bodyOf = (provider: string): string => {
      const sample = sampleNamed(provider, SAMPLES[provider] ?? '');
      if (sample === undefined) throw new Error(`${provider} has no sample`);
      return Buffer.from(sampleBody(provider, sample, seededInput(`${provider}-file`))).toString();
    };
    const saved = (name: string, body: string | Uint8Array): string => {
      const path = join(folder.path, name);
      writeFileSync(path, body);
      return path;
    };

    test.each(PROVIDER_NAMES)(
      'signs a saved body of %s as it is, and --show tells all that it became',
      async (provider) => {
        const ran = await send(provider, '--file', saved(`${provider}.json`, bodyOf(provider)), '--show');

        expect([ran.code, ran.stderr]).toEqual([0, '']);
        expect(ran.stdout).toMatch(/^sent {7}.+\.json, \d+ bytes, signed\naccepted {3}/);
        expect(ran.stdout).toMatch(/\nbody SHA-256 /);
        if (provider !== 'standard-webhooks') expect(ran.stdout).toMatch(/PAYMENT EVENT +NEWS +PAYMENT/);
      },
    );

    test('sends the bytes that are in the file, line end and all, and the headers that were asked for', async () => {
      const body = `${JSON.stringify(JSON.parse(bodyOf('stripe')), null, 3)}\n`.replace('"evt_', '"evt_file');
      const sha256 = createHash('sha256').update(body).digest('hex');

      const ran = await send(
        'stripe',
        '--file',
        saved('pretty.json', body),
        '--header',
        'User-Agent: Stripe/1.0',
        '--show',
        '--json',
      );

      const [, , shown] = jsonLines(ran);
      expect(ran.code).toBe(0);
      expect(shown).toMatchObject({ bodySha256: sha256, headers: { 'user-agent': 'Stripe/1.0' } });
    });

    test('refuses with a sentence what is no file, no body, no header, or an event type beside it', async () => {
      const empty = saved('empty.json', '');
      const large = saved('large.json', Buffer.alloc(LIMITS.bodyBytesMax + 1, 0x20));
      const body = saved('body.json', bodyOf('stripe'));
      const texts = [
        await send('stripe', '--file', join(folder.path, 'none.json')),
        await send('stripe', '--file', empty),
        await send('stripe', '--file', large),
        await send('stripe', '--file', body, '--header', 'no header'),
        await send('stripe', '--file', body, '--header', 'Host: elsewhere'),
        await send('stripe', 'payment_intent.succeeded', '--file', body),
        await send('stripe'),
      ].map(({ code, stderr }) => [code, stderr.trim()]);

      expect(texts).toEqual([
        [2, expect.stringContaining('cannot read the body in')],
        [2, expect.stringContaining('is empty: give a file with one body')],
        [2, expect.stringContaining('has more than')],
        [2, expect.stringContaining('is no header: write "Name: value"')],
        [2, expect.stringContaining('belongs to the request itself')],
        [2, expect.stringContaining('takes an event type or --file')],
        [2, expect.stringContaining('takes an event type or --file')],
      ]);
    });
  });
});
