/** A provider that nothing in Payhook has heard of, as its folder and its lines in the three lists would say it. */
import { z } from 'zod';
import { type Provider, singleHeader } from '../../src/core/ports/provider.ts';
import { isoExcept } from '../../src/payments/currencies.ts';
import { paymentState } from '../../src/payments/event-bodies.ts';
import { aboutPayment, type ProviderMapping, row } from '../../src/payments/mapping.ts';
import { minorAt, textAt } from '../../src/payments/place.ts';
import { hmacSha256, isSameBytes, sha256OfHex } from '../../src/providers/hmac.ts';
import { configurable, type ProviderSettings } from '../../src/providers/provider-settings.ts';
import { readEvent } from '../../src/providers/read-event.ts';
import { instantOf, orderedByTime, textOf } from '../../src/providers/read-fields.ts';
import { reasonWithoutSingle, rejected, verifiedBy } from '../../src/providers/verdicts.ts';

export const SIGNATURE = 'x-coyote-seal';
export const SECRET = 'coyote_canary_of_the_secret';
export const CARD = '4242424242424242';

export interface CoyoteSettings {
  readonly merchant: string;
  readonly url: string | null;
}

/** Signs the URL and the body, in units of its own: the yen has two decimals. */
export const coyote: Provider<CoyoteSettings> = {
  name: 'coyote-pay',
  title: 'Coyote Pay',
  secretVariable: 'PAYHOOK_COYOTE_SECRETS',
  firstEventType: 'purchase.completed',
  storedHeaders: ['x-coyote-version'],
  secretHeaders: [SIGNATURE],
  cardDataExemptions: [{ path: 'purchase_ref', values: /^[0-9]{16}$/, reason: 'digits that Coyote Pay counts up' }],
  publishedAddresses: { addresses: ['192.0.2.7'], source: 'https://coyote.example/addresses', asOf: '2026-11' },
  retrySchedule: { waitsMs: [60_000], endsAfterMs: null, source: 'https://coyote.example/retries', asOf: '2026-11' },
  configuredUrl: ({ url }) => url,
  checkSecret: (value) => (value.startsWith('coyote_') ? null : 'does not begin with coyote_'),
  generateSecret: (randomBytes) => `coyote_${Buffer.from(randomBytes(16)).toString('hex')}`,
  verify({ delivery, secrets }) {
    const value = singleHeader(delivery.headers, SIGNATURE);
    if (value === undefined) return rejected(reasonWithoutSingle(delivery.headers, SIGNATURE));
    const signature = sha256OfHex(value);
    if (signature === null) return rejected('signature_malformed');
    const match = secrets.find((secret) =>
      isSameBytes(signature, hmacSha256(secret.value, delivery.publicUrl ?? '', delivery.body)),
    );
    return match === undefined ? rejected('signature_mismatch') : verifiedBy(match.id);
  },
  parse(delivery) {
    const read = readEvent(delivery.body, 'ref', 'what');
    if (read.outcome === 'unparsable') return read;
    const eventAt = instantOf(read.event.when);
    const event = {
      dedupeKey: read.id,
      providerEventId: read.id,
      eventType: read.eventType,
      eventAt,
      objectId: textOf(read.event.purchase_ref),
      parentIds: [],
      account: null,
      mode: 'live' as const,
      isSimulated: false,
      ordering: orderedByTime(eventAt),
      payload: null,
    };
    return { outcome: 'parsed', events: [event] };
  },
  sign: ({ body, secret, publicUrl }) => ({
    body,
    headers: { [SIGNATURE]: hmacSha256(secret, publicUrl ?? '', body).toString('hex'), 'x-coyote-version': '9' },
  }),
};

const coyoteSchema = z.strictObject({ url: z.url().optional() });

const coyoteSettings: ProviderSettings<CoyoteSettings, z.output<typeof coyoteSchema>> = {
  schema: coyoteSchema,
  variables: { PAYHOOK_COYOTE_MERCHANT: z.string().regex(/^M\d+$/, 'M and digits') },
  settingsOf({ file, variables, report }) {
    const merchant = variables.PAYHOOK_COYOTE_MERCHANT;
    if (typeof merchant !== 'string')
      report({ variable: 'PAYHOOK_COYOTE_MERCHANT', found: 'not set', expected: 'your number at Coyote Pay' });
    return { merchant: String(merchant), url: file.url ?? null };
  },
};

const CURRENCIES = isoExcept({ JPY: 2 });

export const coyoteMapping: ProviderMapping<CoyoteSettings> = {
  provider: 'coyote-pay',
  catalogue: { source: 'their letter of March', asOf: '2026-03' },
  leftOut: {},
  rows: [
    row('purchase.completed', 'payment.succeeded', 'price', (type) => (payload, settings) => {
      const price = minorAt(payload, { amount: 'price', currency: 'coin' }, CURRENCIES);
      const about = aboutPayment({ payment: textAt(payload, 'purchase_ref') });
      return [paymentState(type, about, price, { captured: price, reason: settings?.merchant ?? null })];
    }),
  ],
};

export const configurableCoyote = configurable(coyote, coyoteSettings);

export const body = Buffer.from(
  JSON.stringify({
    ref: 'C-1',
    what: 'purchase.completed',
    when: '2026-11-20T10:00:00Z',
    purchase_ref: CARD,
    shout: `my card is ${CARD}`,
    price: 4200,
    coin: 'JPY',
  }),
);
