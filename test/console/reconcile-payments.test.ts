/** What the providers hold against the payments here, as a page of the console asks for it. */
import { expect, test } from 'vitest';
import type { ConsoleDeps } from '../../src/console/api/console-deps.ts';
import { PayhookError } from '../../src/core/errors.ts';
import { DAY_MS } from '../../src/core/time.ts';
import type { CheckedPayments } from '../../src/reconcile/objects/object-report.ts';
import { openConsole, openConsoleHome } from './console-home.ts';

const PATH = '/api/reconcile/payments';
const NOTHING: CheckedPayments = { reports: [], summary: [] };

const openWith = async (checkPayments?: ConsoleDeps['checkPayments']) => {
  const home = openConsoleHome();
  const console = openConsole(home, 'viewer', {}, {}, checkPayments === undefined ? {} : { checkPayments });
  await console.logIn();
  const linesOf = async (body: unknown = {}) =>
    String((await console.post(PATH, body)).body)
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  return { home, console, linesOf };
};

test('what differs comes line by line, with how far it is, who has to wait, and money as text', async () => {
  const { linesOf } = await openWith();

  expect(await linesOf()).toEqual([
    { progress: { source: 'stripe:test', list: 'payment_intents', listed: 1, differing: 1 } },
    { said: 'the provider wants us to wait: 1 s' },
    {
      checked: {
        differences: [
          {
            provider: 'stripe',
            source: 'stripe:test',
            list: 'payment_intents',
            kind: 'payment',
            objectId: 'pi_never',
            paymentId: null,
            at: '2026-11-22T12:00:00.000Z',
            difference: 'not_here',
            listed: { state: 'paid', amount: { minor: '4250', currency: 'USD', exponent: 2 } },
            here: null,
            off: { minor: '4250', currency: 'USD', exponent: 2 },
          },
        ],
        summary: ['stripe:test compares payments'],
      },
    },
  ]);
});

test('it is asked for a provider and a time, and nothing else', async () => {
  const asked: unknown[] = [];
  const { home, console, linesOf } = await openWith(async ({ provider, since }) => {
    asked.push({ provider, since });
    return NOTHING;
  });
  await linesOf({ provider: 'stripe', since: '90d' });

  expect(asked).toEqual([{ provider: 'stripe', since: home.clock.now() - 90 * DAY_MS }]);
  expect((await console.post(PATH, { account: 'acct_1' })).status).toBe(400);
});

test('providers are asked once at a time, and again when that has ended', async () => {
  const gate = Promise.withResolvers<CheckedPayments>();
  const { console, linesOf } = await openWith(() => gate.promise);
  const first = linesOf();
  const second = await console.post(PATH);
  gate.resolve(NOTHING);

  expect([second.status, second.body.error]).toEqual([429, 'check_underway']);
  expect(await first).toEqual([{ checked: { differences: [], summary: [] } }]);
  expect(await linesOf()).toEqual([{ checked: { differences: [], summary: [] } }]);
});

test('where no provider can be asked it says which credential is missing', async () => {
  const { console, linesOf } = await openWith(async () => {
    throw new PayhookError('configuration_invalid', 'set PAYHOOK_STRIPE_API_CREDENTIALS');
  });

  expect(await linesOf()).toEqual([
    { failed: { error: 'configuration_invalid', message: 'set PAYHOOK_STRIPE_API_CREDENTIALS' } },
  ]);
  expect(console.bugs).toEqual([]);
});
