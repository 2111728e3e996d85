/** What the providers document, signed, posted and processed: nothing of it becomes a dead letter but what is malformed. */
import { expect, test } from 'vitest';
import { systemClock } from '../../src/adapters/system/system-clock.ts';
import { processContext } from '../../src/cli/command-context.ts';
import { createSign, type Sign } from '../../src/cli/sign-delivery.ts';
import { hasEnded, type WebhookStatus } from '../../src/core/status.ts';
import { providerNamed } from '../../src/providers/providers.ts';
import { DOCUMENTED_WEBHOOKS } from '../payments/documented/documented-webhooks.ts';
import { createTestFolder, post, readStored, startLocalServer, waitUntil } from '../support/running-server.ts';

const PROVIDERS = ['stripe', 'paypal', 'square', 'adyen'] as const;
const SENDERS = 8;

const MALFORMED = [
  ['stripe', 'charge.succeeded', { amount: 'much' }],
  ['paypal', 'PAYMENT.CAPTURE.COMPLETED', { amount: 'much' }],
  ['square', 'payment.created', { total_money: 'much' }],
  ['adyen', 'CAPTURE', { amount: { currency: 'QQQ', value: 1000 }, pspReference: 'MALFORMED0000001' }],
] as const;

test('a documented body of every type is received, verified, mapped and recorded, and only a malformed one is a dead letter', async () => {
  using folder = createTestFolder();
  const config = { providers: Object.fromEntries(PROVIDERS.map((name) => [name, {}])) };
  await using server = await startLocalServer({ folder, config });
  const signs = new Map<string, Sign>();
  for (const name of PROVIDERS) {
    const context = { ...processContext(), clock: systemClock };
    signs.set(name, await createSign(context, server.settings, providerNamed(name)!));
  }
  const send = async (provider: string, body: object): Promise<string> => {
    const signed = signs.get(provider)!(Buffer.from(JSON.stringify(body)));
    const answer = await post(server.url, provider, signed);
    expect(answer.status, answer.text).toBe(200);
    return String(answer.json.webhookId);
  };

  const typeOf = new Map<string, string>();
  const rest = DOCUMENTED_WEBHOOKS[Symbol.iterator]();
  const sendNext = async (): Promise<void> => {
    for (const { provider, type, around, object } of rest) typeOf.set(await send(provider, around(object)), type);
  };
  await Promise.all(Array.from({ length: SENDERS }, sendNext));
  const malformed = await Promise.all(
    MALFORMED.map(([provider, of, fields]) => {
      const { around, object } = DOCUMENTED_WEBHOOKS.find(({ type }) => type === of)!;
      return send(provider, around({ ...object, ...fields }));
    }),
  );
  const statuses = () => readStored(folder.data).webhooks;
  await waitUntil('the end of every webhook', () =>
    statuses().every(({ status }) => hasEnded(status as WebhookStatus)),
  );

  const dead = statuses().filter(({ id, status }) => status === 'dead_lettered' && !malformed.includes(id));
  expect(dead.map(({ id, lastError }) => `${typeOf.get(id)}: ${lastError}`)).toEqual([]);
  expect(statuses().filter(({ lastError }) => lastError === 'unknown_type')).toEqual([]);
  expect(statuses().filter(({ id, status }) => malformed.includes(id) && status !== 'dead_lettered')).toEqual([]);
  expect(typeOf.size).toBeGreaterThan(300);
});
