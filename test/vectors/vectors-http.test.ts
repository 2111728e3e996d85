/** Known answers out of providers' SDKs and real deliveries, through `payhook verify` and through the whole server. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  providerNameOf,
  readSavedDeliveries,
  type SavedDelivery,
  type SavedDeliveryFile,
  toDelivery,
  toVerifyInput,
} from '../../src/cli/saved-delivery.ts';
import type { PayhookConfig } from '../../src/config/define-config.ts';
import type { PaypalSettings } from '../../src/providers/paypal/settings.ts';
import { providerNamed } from '../../src/providers/providers.ts';
import { CONFIGURABLE_PROVIDERS } from '../../src/providers/settings.ts';
import { jsonLines, runHere } from '../cli/run-here.ts';
import { configurableNamed, settingsWith } from '../providers/provider-inputs.ts';
import { createTestClock, NOW } from '../support/clock.ts';
import {
  createTestFolder,
  type LocalServer,
  post,
  readStored,
  startLocalServer,
  type TestFolder,
} from '../support/running-server.ts';
import { describeWithVectors, VECTORS_FOLDER } from '../support/vectors.ts';

const FILES = [
  'stripe-webhooks.json',
  'paypal-webhooks.json',
  'square-webhooks.json',
  'adyen-webhooks.json',
  'standard-webhooks.json',
];

const read = (file: string): SavedDeliveryFile =>
  readSavedDeliveries(JSON.parse(readFileSync(join(VECTORS_FOLDER, file), 'utf8')));

const inputOf = (saved: SavedDelivery, file: SavedDeliveryFile) =>
  toVerifyInput(saved, file, {
    now: NOW,
    secrets: [],
    settings: settingsWith({ notificationUrl: null, certificateTrust: 'strict' }),
    configurable: configurableNamed(providerNameOf(saved, file) ?? ''),
  });

/** PayPal's authorities as the files that a user would configure. */
const configOf = (
  folder: TestFolder,
  provider: string,
  saved: SavedDelivery,
  file: SavedDeliveryFile,
): PayhookConfig => {
  if (provider !== 'paypal') return {};
  const { trustedRoots, intermediates } = inputOf(saved, file).settings as PaypalSettings;
  const write = (name: string, pems: readonly string[]): readonly string[] => {
    writeFileSync(join(folder.path, name), pems.join('\n'));
    return pems.length === 0 ? [] : [name];
  };
  return {
    providers: {
      paypal: {
        certificateTrust: 'strict',
        trustedRootFiles: write('roots.pem', trustedRoots),
        intermediateFiles: write('intermediates.pem', intermediates),
      },
    },
  };
};

/** The simulator's id opens nothing and may not even be configured: any other id stands in for it. */
const configurable = (secret: string): string => (secret === 'WEBHOOK_ID' ? 'ANOTHERWEBHOOKID1' : secret);

/** The authors of SDKs made secrets up that no provider would give out, and no configuration takes. */
const WITH_ANY_SECRET = CONFIGURABLE_PROVIDERS.map((one) => ({
  ...one,
  provider: { ...one.provider, checkSecret: () => null },
}));

const serverFor = (
  folder: TestFolder,
  provider: string,
  saved: SavedDelivery,
  file: SavedDeliveryFile,
): Promise<LocalServer> => {
  const input = inputOf(saved, file);
  return startLocalServer({
    folder,
    clock: createTestClock(input.now),
    certificates: input.certificates,
    providers: WITH_ANY_SECRET,
    config: configOf(folder, provider, saved, file),
    env: {
      [providerNamed(provider)?.secretVariable ?? '']: input.secrets
        .map((secret) => configurable(secret.value))
        .join(','),
      ...(saved.notification_url === undefined ? {} : { PAYHOOK_SQUARE_NOTIFICATION_URL: saved.notification_url }),
    },
  });
};

const deliver = (server: LocalServer, provider: string, saved: SavedDelivery) => {
  const { body, headers } = toDelivery(saved, null);
  return post(server.url, provider, {
    body,
    headers: Object.fromEntries([...headers].map(([name, values]) => [name, values.join(', ')])),
  });
};

const describeFile = (fileName: string): void => {
  const file = read(fileName);

  test('gets the verdicts that it expects from payhook verify', async () => {
    using folder = createTestFolder();
    const ran = await runHere(['verify', join(VECTORS_FOLDER, fileName), '--json'], {}, { cwd: folder.path });

    expect([ran.code, ran.stderr]).toEqual([0, '']);
    expect(jsonLines(ran).map(({ name, verdict }) => [name, verdict])).toEqual(
      file.vectors.map((saved) => [saved.name, saved.expect]),
    );
  });

  test.each(file.vectors.map((saved) => [saved.name, saved.expect, saved] as const))(
    '%s is to %s over HTTP',
    async (_name, expected, saved) => {
      using folder = createTestFolder();
      const provider = providerNameOf(saved, file) ?? '';
      await using server = await serverFor(folder, provider, saved, file);

      const answer = await deliver(server, provider, saved);

      expect(answer.status).toBe(expected === 'accept' ? 200 : 401);
      const stored = readStored(folder.data).webhooks;
      if (expected === 'accept') expect(stored.map((webhook) => webhook.id)).toEqual([answer.json.webhookId]);
      else expect([answer.json, stored]).toEqual([{ error: 'signature_verification_failed' }, []]);
    },
  );
};

for (const fileName of FILES) describeWithVectors(fileName, () => describeFile(fileName));

describeWithVectors('the PayPal body that was forged to the same CRC-32', () => {
  test('is refused with an alert where the genuine one was received before', async () => {
    using folder = createTestFolder();
    const file = read('paypal-webhooks.json');
    const forged = file.vectors.find((saved) => saved.name === 'forged-body-same-crc32');
    const transmission = forged?.headers?.['paypal-transmission-id'];
    const genuine = file.vectors.find(
      (saved) =>
        saved !== forged && saved.expect === 'accept' && saved.headers?.['paypal-transmission-id'] === transmission,
    );
    if (forged === undefined || genuine === undefined) throw new Error('the file has no forged body with its original');
    await using server = await serverFor(folder, 'paypal', genuine, file);
    expect((await deliver(server, 'paypal', genuine)).status).toBe(200);
    const before = readStored(folder.data).webhooks.map((webhook) => webhook.id);

    const answer = await deliver(server, 'paypal', forged);

    expect([answer.status, answer.json]).toEqual([401, { error: 'signature_verification_failed' }]);
    expect(readStored(folder.data).webhooks.map((webhook) => webhook.id)).toEqual(before);
    expect(server.lines).toContainEqual(
      expect.objectContaining({
        event: 'alert.raised',
        fields: expect.objectContaining({ kind: 'transmission_conflict' }),
      }),
    );
    expect(server.lines).toContainEqual(
      expect.objectContaining({
        event: 'delivery.rejected',
        fields: expect.objectContaining({ reason: 'transmission_conflict' }),
      }),
    );
    expect(readStored(folder.data).entries).toContainEqual(
      expect.objectContaining({ event: 'REJECTED_REPLAY', reason: 'transmission_conflict' }),
    );
    expect((await deliver(server, 'paypal', genuine)).json).toMatchObject({ status: 'duplicate' });
  });
});
