import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CANARY, createSigner, SECRET_ENV, SECRETS, type Sign, stripeEvent } from '../server/signed.ts';
import { createTestFolder, type Ran, type TestFolder } from '../support/running-server.ts';
import { jsonLines, runHere } from './run-here.ts';

describe('payhook verify', () => {
  let folder: TestFolder;
  let sign: Sign;
  const env = { ...SECRET_ENV };
  const now = Date.now();

  beforeAll(async () => {
    folder = createTestFolder();
    ({ sign } = await createSigner(now));
  });
  afterAll(() => folder[Symbol.dispose]());

  const save = (value: unknown): string => {
    const path = join(folder.path, 'saved.json');
    writeFileSync(path, typeof value === 'string' ? value : JSON.stringify(value));
    return path;
  };
  const verify = (value: unknown, ...more: string[]): Promise<Ran> =>
    runHere(['verify', save(value), ...more], env, { cwd: folder.path });
  const saved = (more: Readonly<Record<string, unknown>> = {}) => {
    const { body, headers } = sign('stripe', stripeEvent('evt_saved'), { now });
    return {
      name: 'one',
      provider: 'stripe',
      headers,
      body: Buffer.from(body).toString('utf8'),
      secret: SECRETS.stripe,
      clock: now / 1000,
      ...more,
    };
  };

  test('accepts a genuine one and names the webhook', async () => {
    expect(await verify(saved())).toMatchObject({ code: 0, stdout: '✓ one: accept  stripe:evt_saved\n' });
    expect(jsonLines(await verify(saved(), '--json'))).toEqual([
      { name: 'one', verdict: 'accept', reason: null, webhookIds: ['stripe:evt_saved'] },
    ]);
  });

  test('takes the secret out of the configuration when the file has none', async () => {
    expect((await verify(saved({ secret: undefined }))).code).toBe(0);
  });

  test('says why it rejects, and ends with 1', async () => {
    const ran = await verify(
      [saved({ body: `${stripeEvent('evt_saved')} ` }), saved({ name: 'old', clock: now / 1000 + 301 })],
      '--json',
    );

    expect([ran.code, jsonLines(ran)]).toEqual([
      1,
      [
        {
          name: 'one',
          verdict: 'reject',
          reason: 'signature_mismatch',
          webhookIds: [],
          doctor: expect.objectContaining({ outcome: 'explained', diagnosis: 'body_reencoded', isProven: true }),
        },
        {
          name: 'old',
          verdict: 'reject',
          reason: 'timestamp_too_old',
          webhookIds: [],
          doctor: expect.objectContaining({ diagnosis: 'clock_wrong' }),
        },
      ],
    ]);
  });

  test('says in one sentence what went wrong, and what to change', async () => {
    const { stdout } = await verify([
      saved({ name: 'long', body: undefined, body_base64: Buffer.from(`${saved().body}\n`).toString('base64') }),
      saved({ name: 'elsewhere', provider: 'adyen', secret: undefined, hmac_key_hex: SECRETS.adyen }),
      saved({ name: 'unknown', secret: `whsec_${'x'.repeat(32)}`, body: '{"b":1,"a":2}' }),
    ]);

    expect(stdout.split('\n')).toEqual([
      '✗ long: reject (signature_mismatch)',
      '    The body was changed on the way: with a line end after it.',
      '    → let whatever stands before Payhook pass the bytes on as they come: no body parser, no transformation',
      '✗ elsewhere: reject (signature_missing)',
      '    It is a genuine delivery of Stripe that was sent to the address for Adyen.',
      '    → register …/webhook/stripe with Stripe',
      '✗ unknown: reject (signature_mismatch)',
      expect.stringMatching(/^ {4}Nothing known explains it: \d+ things that go wrong were tried\.$/),
      expect.stringContaining('    → it may be forged'),
      '',
    ]);
  });

  test('ends with 0 when a rejection is what the file expects, and with 1 when an acceptance is not', async () => {
    const wrong = { body: stripeEvent('evt_other') };
    expect(await verify(saved({ ...wrong, expect: 'reject' }))).toMatchObject({
      code: 0,
      stdout: '✓ one: reject (signature_mismatch), as expected\n',
    });
    expect(await verify(saved({ expect: 'reject' }))).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('✗ one: accept, but the file expects reject'),
    });
    expect((await verify(saved({ body_sha256: '0'.repeat(64) }))).stdout).toContain(
      'the body is not the one that was saved',
    );
  });

  test('judges only the one that is named', async () => {
    expect(jsonLines(await verify([saved(), saved({ name: 'two' })], '--name', 'two', '--json'))).toMatchObject([
      { name: 'two' },
    ]);
    expect(await verify([saved()], '--name', 'three')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('it has one'),
    });
  });

  test('cannot decide about PayPal without the certificate, says so, and asks nobody', async () => {
    const { body, headers } = sign('paypal', '{"id":"WH-1","event_type":"X"}', { now });
    const ran = await verify(
      {
        provider: 'paypal',
        headers,
        body: Buffer.from(body).toString(),
        webhook_id: SECRETS.paypal,
        clock: new Date(now).toISOString(),
      },
      '--json',
    );

    expect([ran.code, jsonLines(ran)]).toEqual([
      1,
      [{ name: 'delivery 1', verdict: 'unavailable', reason: 'certificate_unavailable', webhookIds: [] }],
    ]);
  });

  test.each<[string, unknown, string]>([
    ['text that is not JSON', `{"body": ${CANARY}`, 'is not JSON'],
    ['a provider that there is not', { provider: 'nobody', body: '{}' }, 'is of provider nobody'],
    ['no provider', { body: '{}' }, 'is of provider (none given)'],
    ['no body', { provider: 'stripe', headers: {}, secret: CANARY }, 'vectors.0.body'],
    ['two bodies', { provider: 'stripe', body: '{}', body_base64: 'e30=' }, 'vectors.0.body'],
    ['an empty list', [], 'vectors'],
    ['a clock that is none', { provider: 'stripe', body: '{}', clock: 'noon' }, "the clock 'noon'"],
  ])('refuses %s with 2', async (_what, value, part) => {
    const ran = await verify(value);

    expect([ran.code, ran.stdout, ran.stderr]).toEqual([2, '', expect.stringContaining(part)]);
    expect(ran.stderr).not.toContain(CANARY);
    expect(ran.stderr).not.toContain('    at ');
  });

  test('refuses a file that is not there with 2', async () => {
    expect(await runHere(['verify', '/nowhere.json'], env)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('cannot read /nowhere.json'),
    });
  });
});
