import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SYNTHETIC_HEADER } from '../../src/receive/synthetic-mark.ts';
import {
  createTestFolder,
  type LocalServer,
  type Ran,
  startLocalServer,
  type TestFolder,
  writeSetup,
} from '../support/running-server.ts';
import { jsonLines, runHere } from './run-here.ts';

/** Fails every webhook that it is called with. */
const HANDLERS = "export const handle = () => { throw new Error('called'); };\n";
const TIMES = { answered: expect.any(Number), processed: expect.any(Number), audited: expect.any(Number) };

describe('payhook verify home', () => {
  let folder: TestFolder;
  let server: LocalServer;
  let env: Record<string, string>;

  beforeAll(async () => {
    folder = createTestFolder();
    const setup = { handlers: HANDLERS };
    server = await startLocalServer({ folder, ...setup });
    env = writeSetup(folder, setup);
  });
  afterAll(async () => {
    await server.running.stop('test over');
    folder[Symbol.dispose]();
  });
  const verifyHome = (...args: string[]): Promise<Ran> =>
    runHere(['verify', 'home', '--url', server.url, ...args], env);
  const payhook = (...args: string[]): Promise<Ran> => runHere(args, env);

  test('sends a webhook of each provider all the way, and tells how long each stage took', async () => {
    const ran = await verifyHome('--json');

    expect([ran.code, ran.stderr]).toEqual([0, '']);
    const verified = { outcome: 'verified', ms: TIMES, problem: null };
    expect(jsonLines(ran)).toMatchObject([
      { provider: 'stripe', ...verified, status: 'processed' },
      { provider: 'paypal', outcome: 'turned_away', webhookId: null },
      { provider: 'square', ...verified, status: 'processed' },
      { provider: 'adyen', ...verified, status: 'processed' },
      { provider: 'standard-webhooks', ...verified, status: 'ignored' },
    ]);
  });

  test('tells a person the same, a line a provider', async () => {
    const ran = await verifyHome('--provider', 'stripe', '--provider', 'paypal');

    expect(ran.code).toBe(0);
    expect(ran.stdout).toMatch(
      /^✓ Stripe: answered after \d+ ms, processed after \d+ ms, audited after \d+ ms; stripe:\S+, synthetic, processed\n✓ PayPal: only PayPal can sign; what was not signed was rejected \(answered after \d+ ms\): send a test event/,
    );
  });

  test('leaves no payment behind, and lists show what is synthetic', async () => {
    const ran = await verifyHome('--provider', 'stripe', '--json');
    const [{ webhookId = '' } = {}] = jsonLines(ran) as { webhookId?: string }[];

    expect((await payhook('payments', 'list')).stdout).toBe('nothing found\n');
    expect((await payhook('webhooks', 'list')).stdout).toContain(' (synthetic) ');
    expect(jsonLines(await payhook('webhooks', 'show', webhookId, '--json'))).toMatchObject([
      { synthetic: 'kept', isSimulated: true, handlers: [], audit: [{ event: 'WEBHOOK_ACCEPTED' }, {}] },
    ]);
    expect((await payhook('audit', 'verify')).code).toBe(0);
  });

  test('fails where the handlers that it is passed on to fail, and says at which stage it ended', async () => {
    const ran = await verifyHome('--provider', 'stripe', '--pass-on', '--wait-seconds', '1', '--json');

    expect(ran.code).toBe(1);
    expect(jsonLines(ran)).toMatchObject([
      { outcome: 'failed', status: 'retrying', problem: expect.stringContaining('it was stored and not processed') },
    ]);
  });

  test('fails where the home has another secret than the command', async () => {
    const PAYHOOK_STRIPE_SIGNING_SECRETS = 'whsec_0123456789abcdef0123456789abcdef';
    const ran = await runHere(['verify', 'home', '--url', server.url, '--provider', 'stripe', '--json'], {
      ...env,
      PAYHOOK_STRIPE_SIGNING_SECRETS,
    });

    expect(ran.code).toBe(1);
    expect(jsonLines(ran)).toMatchObject([
      { outcome: 'failed', webhookId: null, problem: 'it was answered 401 signature_verification_failed' },
    ]);
  });

  test.each([
    ['a provider that is not configured', ['--provider', 'acme'], 'provider acme is not configured'],
    ['an address that is none', ['--url', 'here'], '--url here is no address'],
  ])('refuses %s with exit code 2', async (_, args, sentence) => {
    const ran = await verifyHome(...args);

    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain(sentence);
  });

  test('a stranger’s mark hides nothing: a genuine delivery with it is the provider’s', async () => {
    const file = join(folder.path, 'body.json');
    const type = 'payment_intent.created';
    writeFileSync(file, JSON.stringify({ id: 'evt_genuine', object: 'event', type, data: { object: {} } }));
    const mark = `${SYNTHETIC_HEADER}: kept ${'0'.repeat(64)}`;
    const ran = await payhook('send', 'stripe', '--file', file, '--header', mark, '--url', server.url, '--json');

    expect(ran.code).toBe(0);
    const shown = await payhook('webhooks', 'show', 'stripe:evt_genuine', '--json');
    expect(jsonLines(shown)).toMatchObject([{ synthetic: null, isSimulated: false }]);
  });
});
