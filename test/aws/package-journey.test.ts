/**
 * The packed package in a team's own folder, on AWS: functions are built of the folder's handlers, deployed, and called for a
 * signed webhook. `test/package/journey.test.ts` is the same on one machine.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  emptyProject,
  type PackedPackage,
  type PackedProject,
  packPackage,
  type Ran,
} from '../package/packed-project.ts';
import { SUFFIX, startTestStack, type TestStack } from './deploy/test-stack.ts';
import { whyNoMounts } from './servers/lambda-host-mounts.ts';
import { type PaypalCertificates, startPaypalCertificates } from './servers/paypal-certificates.ts';

const SECRET = 'whsec_canary_of_the_packed_project_0001';
const AWS = ['--home', 'aws', '--environment-suffix', SUFFIX];
/** Gives up with what only this folder's code can say. */
const HANDLERS = `import { giveUp, on } from 'payhook';
export const shipOrder = on('payment.succeeded', ({ amount }) => {
  if (amount.currency !== 'USD') return giveUp('this shop ships for dollars only');
  return undefined;
});
`;

let packed: PackedPackage;
let project: PackedProject;
let certificates: PaypalCertificates;
let stack: TestStack;

const succeed = async (given: Parameters<PackedProject['runWith']>[0], ...args: string[]): Promise<Ran> => {
  const ran = await project.runWith(given, 'npx', 'payhook', ...args);
  expect(ran, `${args.join(' ')}\n${ran.stdout}${ran.stderr}`).toMatchObject({ code: 0 });
  return ran;
};
const onAws = (...args: string[]): Promise<Ran> =>
  succeed({ variables: { ...stack.operatorEnvironment } }, ...args, ...AWS);

interface Shown {
  readonly webhookId: string;
  readonly status: string;
  readonly handlers: readonly { readonly handler: string; readonly outcome: string }[];
}

const show = async (webhookId: string): Promise<Shown> =>
  JSON.parse((await onAws('webhooks', 'show', webhookId, '--json')).stdout);

/** Signs one with the folder's command line and posts it to the stack. Its id, once it was taken. */
const sendSigned = async (eventType: string): Promise<string> => {
  const { stdout } = await succeed(
    { variables: { PAYHOOK_STRIPE_SIGNING_SECRETS: SECRET } },
    'send',
    'stripe',
    eventType,
    '--json',
    '--url',
    `${stack.webhookUrl}/stripe`,
  );
  return JSON.parse(stdout.split('\n')[0] ?? '').webhookId;
};

beforeAll(async () => {
  const noMounts = whyNoMounts();
  if (noMounts !== null) throw new Error(`functions cannot be run here as on Lambda: ${noMounts}`);
  packed = await packPackage();
  project = emptyProject(packed.dependencies, { npm_config_offline: 'true', npm_config_fund: 'false' });
  await project.run('npm', 'init', '-y');
  expect(await project.run('npm', 'install', packed.tarball)).toMatchObject({ code: 0 });
  await succeed({}, 'init', '--yes');
  writeFileSync(join(project.path, 'handlers.ts'), HANDLERS);
  project.link(...packed.peers);
  await succeed({}, 'synth', SUFFIX);
  certificates = await startPaypalCertificates();
  stack = await startTestStack({
    assemblyDirectory: join(project.path, 'cdk.out'),
    authorityPem: certificates.authorityPem,
    httpsProxyUrl: certificates.proxyUrl,
  });
  await succeed(
    { variables: { ...stack.operatorEnvironment }, input: `${SECRET}\n` },
    'secrets',
    'set',
    'stripe',
    ...AWS,
  );
}, 300_000);

afterAll(async () => {
  await stack?.[Symbol.asyncDispose]();
  await certificates?.[Symbol.asyncDispose]();
  project?.[Symbol.dispose]();
  packed?.[Symbol.dispose]();
});

describe('a project of a team’s own, on AWS', () => {
  test('its handler is called for a signed webhook, by functions that were built in its folder', async () => {
    const webhookId = await sendSigned('payment_intent.succeeded');

    await vi.waitFor(async () => expect((await show(webhookId)).status).toBe('processed'), { timeout: 150_000 });

    expect((await show(webhookId)).handlers).toMatchObject([{ handler: 'shipOrder', outcome: 'done' }]);
  });

  test('what is signed with another secret is turned away', async () => {
    const variables = { PAYHOOK_STRIPE_SIGNING_SECRETS: 'whsec_of_somebody_else_entirely' };
    const url = `${stack.webhookUrl}/stripe`;

    const ran = await project.runWith(
      { variables },
      'npx',
      'payhook',
      'send',
      'stripe',
      'charge.refunded',
      '--url',
      url,
    );

    expect([ran.code, ran.stdout]).toEqual([1, expect.stringContaining('signature_verification_failed  (401')]);
  });

  test('it works, says what the project’s command finds out about it', async () => {
    const { stdout } = await onAws('verify', 'home', '--provider', 'stripe', '--url', stack.webhookUrl);

    expect(stdout).toMatch(/^✓ Stripe: answered after \d+ ms, processed after \d+ ms, audited after \d+ ms/);
  });

  test('without an address it says which one is meant, and no command of the checkout', async () => {
    const variables = { ...stack.operatorEnvironment };

    const { code, stderr } = await project.runWith({ variables }, 'npx', 'payhook', 'verify', 'home', ...AWS);

    expect([code, stderr]).toEqual([2, 'payhook: verify home needs --url, the WebhookUrl that deploy printed\n']);
  });

  test('its audit trail is whole', async () => {
    const verify = async () => (await onAws('audit', 'verify')).stdout;

    await vi.waitFor(async () => expect(await verify()).toContain('the audit trail is whole'), { timeout: 150_000 });
  });
});
