import Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import {
  countingBytes,
  deliveryOf,
  deliveryOfSigned,
  eventsOf,
  NOW,
  rejectedFor,
  settingsWith,
  signInput,
  VERIFIED,
  verifyInput,
} from '../../../test/providers/provider-inputs.ts';
import { stripe } from './stripe.ts';

const SECRET = 'whsec_2b8e4c0f6d1a4b7c9e3f';
const BODY = '{\n  "id": "evt_1",\n  "object": "event",\n  "type": "charge.refunded",\n  "note": "€"\n}';
const NOW_SECONDS = NOW / 1000;
const sdk = new Stripe('sk_test_not_used');

const hexOf = (secret: string, seconds: number | string = NOW_SECONDS, body = BODY): string =>
  stripe
    .sign(signInput(body, secret, { now: Number(seconds) * 1000 }))
    .headers['stripe-signature']?.split('v1=')
    .at(1) ?? '';

const verifyHeader = (header: string | readonly string[], secrets: readonly string[] = [SECRET], body = BODY) =>
  stripe.verify(verifyInput(deliveryOf(body, { 'Stripe-Signature': header }), secrets));

test('whether what thin events name is fetched is what the settings say', () => {
  const told = [{ areThinEventsFetched: true }, {}].map((more) =>
    stripe.areThinEventsFetched?.({ toleranceSeconds: 300, ...more }),
  );
  expect(told).toEqual([true, false]);
});

describe('stripe.verify', () => {
  test('accepts what the official SDK signs', () => {
    const header = sdk.webhooks.generateTestHeaderString({ payload: BODY, secret: SECRET, timestamp: NOW_SECONDS });

    expect(verifyHeader(header)).toEqual(VERIFIED);
  });

  test('tells which of several secrets matched', () => {
    const header = `t=${NOW_SECONDS},v1=${hexOf('whsec_new')}`;

    expect(verifyHeader(header, ['whsec_old', 'whsec_new'])).toMatchObject({ secretId: 'secret#2' });
  });

  test('accepts any of several v1 while a secret is being rolled, and passes over v0 and unknown schemes', () => {
    const header = `v2=x,v0=${'0'.repeat(64)},v1=${hexOf('whsec_other')},v1=${hexOf(SECRET)},t=${NOW_SECONDS}`;

    expect(verifyHeader(header)).toEqual(VERIFIED);
  });

  test('trims white space around a configured secret', () => {
    expect(verifyHeader(`t=${NOW_SECONDS},v1=${hexOf(SECRET)}`, [` ${SECRET}\n`])).toEqual(VERIFIED);
  });

  test('accepts a delivery signed exactly 300 seconds ago or ahead', () => {
    for (const seconds of [NOW_SECONDS - 300, NOW_SECONDS + 300]) {
      expect(verifyHeader(`t=${seconds},v1=${hexOf(SECRET, seconds)}`)).toEqual(VERIFIED);
    }
  });

  test('rejects a delivery signed 301 seconds ago or ahead', () => {
    const old = NOW_SECONDS - 301;
    const ahead = NOW_SECONDS + 301;

    expect(verifyHeader(`t=${old},v1=${hexOf(SECRET, old)}`)).toEqual(rejectedFor('timestamp_too_old'));
    expect(verifyHeader(`t=${ahead},v1=${hexOf(SECRET, ahead)}`)).toEqual(rejectedFor('timestamp_too_new'));
  });

  test('reports a wrong secret as mismatch even when the timestamp is old as well', () => {
    const old = NOW_SECONDS - 4000;

    expect(verifyHeader(`t=${old},v1=${hexOf('whsec_wrong', old)}`)).toEqual(rejectedFor('signature_mismatch'));
  });

  test('keeps to the configured tolerance', () => {
    const delivery = deliveryOfSigned(stripe.sign(signInput(BODY, SECRET, { now: NOW - 6000 })));

    const verification = stripe.verify(
      verifyInput(delivery, [SECRET], { settings: settingsWith({ toleranceSeconds: 5 }) }),
    );

    expect(verification).toEqual(rejectedFor('timestamp_too_old'));
  });

  test.each([
    ['no v1', `t=${NOW_SECONDS},v0=${'0'.repeat(64)}`, 'signature_missing'],
    ['a v1 in upper case', `t=${NOW_SECONDS},v1=${hexOf(SECRET).toUpperCase()}`, 'signature_malformed'],
    ['a v1 that is cut', `t=${NOW_SECONDS},v1=${hexOf(SECRET).slice(0, 40)}`, 'signature_malformed'],
    ['no t', `v1=${hexOf(SECRET)}`, 'timestamp_missing'],
    ['an empty header', '', 'timestamp_missing'],
    ['two t', `t=${NOW_SECONDS},t=${NOW_SECONDS},v1=${hexOf(SECRET)}`, 'timestamp_malformed'],
    ['a t with letters', `t=${NOW_SECONDS}abc,v1=${hexOf(SECRET)}`, 'timestamp_malformed'],
    ['a t in exponents', `t=1e9,v1=${hexOf(SECRET)}`, 'timestamp_malformed'],
    ['another t than was signed', `t=${NOW_SECONDS + 1},v1=${hexOf(SECRET)}`, 'signature_mismatch'],
  ])('rejects %s', (_, header, reason) => {
    expect(verifyHeader(header)).toEqual(rejectedFor(reason));
  });

  test('rejects a missing header and a repeated one', () => {
    const header = `t=${NOW_SECONDS},v1=${hexOf(SECRET)}`;

    expect(stripe.verify(verifyInput(deliveryOf(BODY, {}), [SECRET]))).toEqual(rejectedFor('signature_missing'));
    expect(verifyHeader([header, header])).toEqual(rejectedFor('signature_malformed'));
  });

  test('reads a bounded number of signatures', () => {
    const wrong = `v1=${'0'.repeat(64)},`.repeat(16);

    expect(verifyHeader(`t=${NOW_SECONDS},${wrong}v1=${hexOf(SECRET)}`)).toEqual(rejectedFor('signature_mismatch'));
  });

  test('rejects a body that was parsed and written again, or decoded with another character set', () => {
    const header = `t=${NOW_SECONDS},v1=${hexOf(SECRET)}`;
    const latin = Buffer.from(BODY).toString('latin1');

    expect(verifyHeader(header, [SECRET], JSON.stringify(JSON.parse(BODY)))).toEqual(rejectedFor('signature_mismatch'));
    expect(verifyHeader(header, [SECRET], latin)).toEqual(rejectedFor('signature_mismatch'));
    expect(verifyHeader(header, [SECRET], `\uFEFF${BODY}`)).toEqual(rejectedFor('signature_mismatch'));
  });

  test('never takes the base64-decoded secret as key', () => {
    const decoded = Buffer.from(SECRET.slice('whsec_'.length), 'base64').toString('latin1');

    expect(verifyHeader(`t=${NOW_SECONDS},v1=${hexOf(decoded)}`)).toEqual(rejectedFor('signature_mismatch'));
  });
});

describe('stripe.sign', () => {
  test('signs what the official SDK accepts', () => {
    const { headers } = stripe.sign(signInput(BODY, SECRET));

    const isValid = sdk.webhooks.signature?.verifyHeader(
      BODY,
      headers['stripe-signature'] ?? '',
      SECRET,
      300,
      undefined,
      NOW,
    );

    expect(isValid).toBe(true);
    expect(() =>
      sdk.webhooks.signature?.verifyHeader(BODY, headers['stripe-signature'] ?? '', 'whsec_x', 300, undefined, NOW),
    ).toThrow();
  });
});

const snapshot = (overrides: object = {}): string =>
  JSON.stringify({
    id: 'evt_1',
    object: 'event',
    created: 1_700_000_000,
    livemode: true,
    type: 'charge.succeeded',
    data: { object: { id: 'ch_1', payment_intent: 'pi_1', invoice: { id: 'in_1' }, customer: 'cus_1', amount: 5 } },
    ...overrides,
  });

describe('stripe.parse', () => {
  test('reads a snapshot event', () => {
    expect(eventsOf(stripe, snapshot())).toMatchObject([
      {
        dedupeKey: 'evt_1',
        providerEventId: 'evt_1',
        eventType: 'charge.succeeded',
        eventAt: 1_700_000_000_000,
        objectId: 'ch_1',
        parentIds: ['pi_1', 'in_1', 'cus_1'],
        account: null,
        mode: 'live',
        isSimulated: false,
        ordering: { by: 'time', value: 1_700_000_000_000 },
        payload: null,
      },
    ]);
  });

  test('reads a thin event', () => {
    const body = JSON.stringify({
      id: 'evt_test_65R',
      object: 'v2.core.event',
      type: 'v1.billing.meter.error_report_triggered',
      created: '2025-01-15T00:00:00.123Z',
      livemode: false,
      context: null,
      related_object: { id: 'mtr_1', type: 'billing.meter', url: '/v1/billing/meters/mtr_1' },
    });

    expect(eventsOf(stripe, body)[0]).toMatchObject({
      dedupeKey: 'evt_test_65R',
      eventAt: Date.UTC(2025, 0, 15, 0, 0, 0, 123),
      objectId: 'mtr_1',
      account: null,
      mode: 'test',
    });
  });

  test('puts the connected account into the dedupe key, and the mode where it is test', () => {
    const connected = (livemode: boolean) => eventsOf(stripe, snapshot({ account: 'acct_1', livemode }))[0];

    expect(connected(true)).toMatchObject({ dedupeKey: 'acct_1:evt_1', account: 'acct_1', providerEventId: 'evt_1' });
    expect(connected(false)).toMatchObject({ dedupeKey: 'acct_1:test:evt_1', mode: 'test' });
  });

  test('takes the account of a thin event from its context, and leaves the key of a snapshot alone by it', () => {
    const context = 'acct_1';

    expect(eventsOf(stripe, snapshot({ context, object: 'v2.core.event' }))[0]).toMatchObject({
      dedupeKey: 'acct_1:evt_1',
      account: 'acct_1',
    });
    expect(eventsOf(stripe, snapshot({ context }))[0]).toMatchObject({ dedupeKey: 'evt_1', account: 'acct_1' });
  });

  test('finds the subscription where invoices have it since 2025-03-31.basil', () => {
    const object = { id: 'in_1', parent: { subscription_details: { subscription: 'sub_1' } } };

    expect(eventsOf(stripe, snapshot({ data: { object } }))[0]?.parentIds).toEqual(['sub_1']);
  });

  test.each([-1, 1.5, 1e300, null, 'yesterday', undefined])('has no event time for created %j', (created) => {
    expect(eventsOf(stripe, snapshot({ created }))[0]).toMatchObject({ eventAt: null, ordering: null });
  });

  test('says unknown when the mode is not told', () => {
    expect(eventsOf(stripe, snapshot({ livemode: undefined }))[0]?.mode).toBe('unknown');
  });

  test.each([
    ['{"type":"a"}', 'event_id_missing'],
    ['{"id":7,"type":"a"}', 'event_id_missing'],
    ['{"id":"evt_1"}', 'event_type_missing'],
    ['[]', 'shape_unexpected'],
    ['{', 'body_not_json'],
  ])('calls %s unparsable', (body, reason) => {
    expect(stripe.parse(deliveryOf(body, {}), VERIFIED)).toEqual({ outcome: 'unparsable', reason });
  });
});

describe('what two deliveries of one event say', () => {
  const textOfContent = (body: string): string => {
    const text = eventsOf(stripe, body)[0]?.content?.text ?? '';
    return typeof text === 'string' ? text : Buffer.concat(text).toString();
  };
  const body = (pending: string, rest = '') =>
    `{"id":"evt_1","type":"t","api_version":"2026-01-01","pending_webhooks"${pending},"data":{"object":{"amount":1${rest}}}}`;

  test('is the same when only the count of pending webhooks differs', () => {
    expect(textOfContent(body(':1'))).toBe(textOfContent(body(' : 12')));
    expect(textOfContent(body(':1'))).not.toContain('pending');
  });

  test('differs with anything else, a text that looks like the count included', () => {
    expect(textOfContent(body(':1', ',"x":2'))).not.toBe(textOfContent(body(':1')));
    const described = (words: string) => body(':1', `,"metadata":{"pending_webhooks":"${words}"}`);
    expect(textOfContent(described('1'))).not.toBe(textOfContent(described('2')));
  });

  test('is compared within one API version only: two endpoints may have two', () => {
    const formOf = (version: string) => eventsOf(stripe, body(':1').replace('2026-01-01', version))[0]?.content?.form;

    expect(formOf('2026-01-01')).not.toBe(formOf('2026-02-01'));
  });
});

describe('stripe.checkSecret', () => {
  test('accepts generated secrets', () => {
    expect(stripe.checkSecret(stripe.generateSecret(countingBytes))).toBeNull();
    expect(stripe.generateSecret(countingBytes)).toMatch(/^whsec_[0-9a-f]{64}$/);
  });

  test.each([
    ['', 'empty'],
    ['whsec_a b', 'white space'],
    ['sk_live_abc', 'API key'],
    ['we_123', 'id of a webhook endpoint'],
    ['"whsec_0123456789abcdef0123456789abcdef"', 'quotation marks'],
    ["'whsec_0123456789abcdef0123456789abcdef'", 'quotation marks'],
    ['whsec_0123456789abcdef0123456789abcdef"', 'quotation marks'],
    ['whsec_...', 'at least 12 characters'],
    ['whsec_…', 'at least 12 characters'],
    ['whsec_', 'at least 12 characters'],
    ['whsec_xxxxxxxxxxxxxxxxxxxxxxxx', 'at least 12 characters'],
    ['whsec_your_signing_secret_here', 'at least 12 characters'],
    ['whsec_<signing secret>', 'white space'],
    ['abcdef', 'whsec_'],
    ['0123456789abcdef0123456789abcdef', 'whsec_'],
    ['rk_test_0123456789abcdef', 'API key'],
    ['https://example.com/webhook', 'URL'],
  ])('names what is wrong with %j', (secret, problem) => {
    expect(stripe.checkSecret(secret)).toContain(problem);
  });
});
