/** From a delivery that is not found genuine, beside a running server, to a webhook that is processed. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { secretIdOf } from '../../src/core/secret-id.ts';
import { HOUR_MS } from '../../src/core/time.ts';
import { CANARY, createSigner, SECRET_ENV, SECRETS, type Sign, stripeEvent } from '../server/signed.ts';
import { createTestClock, NOW } from '../support/clock.ts';
import {
  createTestFolder,
  type LocalServer,
  post,
  type Ran,
  startLocalServer,
  type TestFolder,
  writeSetup,
} from '../support/running-server.ts';
import { jsonLines, runHere } from './run-here.ts';

const NEW_SECRET = `whsec_${CANARY}_rolled_and_not_yet_here_1234`;

describe('payhook rejected', () => {
  const clock = createTestClock();
  let folder: TestFolder;
  let server: LocalServer;
  let sign: Sign;
  let env: Record<string, string>;
  let id: string;

  const run = (args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<Ran> =>
    runHere(args, { ...env, ...more }, { clock });

  beforeAll(async () => {
    ({ sign } = await createSigner(clock.now()));
    folder = createTestFolder();
    server = await startLocalServer({ folder, clock, env: SECRET_ENV });
    env = writeSetup(folder, { env: SECRET_ENV });
    const rejected = sign('stripe', stripeEvent('evt_rolled'), { now: clock.now(), secret: NEW_SECRET });
    expect((await post(server.url, 'stripe', rejected)).status).toBe(401);
    id = String(jsonLines(await run(['rejected', 'list', '--json']))[0]?.id);
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  test('lists it, and shows what is known of it and until when the provider tries', async () => {
    const [listed] = jsonLines(await run(['rejected', 'list', '--json']));
    expect(listed).toMatchObject({ id, provider: 'stripe', reason: 'signature_mismatch', acceptedAt: null });
    expect(listed).not.toHaveProperty('payload');

    const shown = await run(['rejected', 'show', id]);
    expect(shown.stdout).toContain(`Stripe tries until ${new Date(NOW + 72 * HOUR_MS).toISOString()}`);
    expect(shown.stdout).not.toContain(CANARY);
    expect(await run(['rejected', 'show', 'stripe:p1:0'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('there is no rejected delivery stripe:p1:0'),
    });
  });

  test('cannot be accepted while it does not verify, and says why', async () => {
    expect(await run(['rejected', 'accept', id, '--reason', 'please'])).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('does not verify (signature_mismatch)'),
    });
    expect(await run(['rejected', 'verify', id])).toMatchObject({
      code: 1,
      stdout: `${id} rejected (signature_mismatch)\n`,
    });
    expect(await run(['rejected', 'doctor', id])).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('Nothing that was tried verifies it'),
    });
    const quoted = { PAYHOOK_ADYEN_HMAC_KEYS: SECRETS.adyen };
    expect((await run(['rejected', 'doctor', id], quoted)).stdout).not.toContain(CANARY);
  });

  test('is accepted with the secret that signed it: as of when it came, once', async () => {
    const mended = { PAYHOOK_STRIPE_SIGNING_SECRETS: `${SECRETS.stripe},${NEW_SECRET}` };
    expect(await run(['rejected', 'doctor', id], mended)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`It is genuine: ${secretIdOf('stripe', NEW_SECRET)} verifies it.`),
    });
    const accept = () => run(['rejected', 'accept', id, '--reason', 'the secret was rolled'], mended);

    expect((await accept()).stdout).toBe(`${id} accepted: stripe:evt_rolled\n`);
    expect((await accept()).stdout).toBe(`${id} was stored before: stripe:evt_rolled\n`);
    expect(jsonLines(await run(['rejected', 'list', '--json']))).toMatchObject([
      { id, webhookIds: ['stripe:evt_rolled'] },
    ]);
    expect((await run(['rejected', 'list'])).stdout).toMatch(/WEBHOOK\n.* stripe:evt_rolled\n/);
    expect((await run(['rejected', 'list', '--format', 'csv'])).stdout).toMatch(/webhookIds.*\n.*,stripe:evt_rolled,/);
    expect((await run(['rejected', 'show', id])).stdout).toMatch(/webhook +stripe:evt_rolled/);

    const [webhook] = jsonLines(await run(['webhooks', 'show', 'stripe:evt_rolled', '--json']));
    expect(webhook).toMatchObject({ receivedAt: new Date(NOW).toISOString() });
    expect((await run(['audit', 'show'])).stdout).toContain('REJECTED_ACCEPTED');
    expect((await run(['audit', 'verify'])).code).toBe(0);
  });
});
