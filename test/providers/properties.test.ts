/** What must hold for every provider and every input: nothing but the exact bytes that were signed is accepted. */
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { type IssuedCertificates, issueCertificates } from '../../src/adapters/file/issue-certificates.ts';
import type { Delivery, Provider, Verification } from '../../src/core/ports/provider.ts';
import { PROVIDERS } from '../../src/providers/providers.ts';
import { stripe } from '../../src/providers/stripe/stripe.ts';
import {
  certificatesServing,
  countingBytes,
  deliveryOf,
  deliveryOfSigned,
  NOW,
  settingsWith,
  signInput,
  verifyInput,
} from './provider-inputs.ts';

const CERTIFICATE_URL = 'https://api.sandbox.paypal.com/v1/notifications/certs/CERT-1';
let issued: IssuedCertificates;

beforeAll(async () => {
  const commonName = 'messageverificationcerts.sandbox.paypal.com';
  issued = await issueCertificates({ now: NOW, commonName, daysValid: 30 });
});

/** The header that holds the signature; Adyen's banking scheme, which signs the body, stands for Adyen. */
const SIGNATURE_HEADERS: Readonly<Record<string, string>> = {
  stripe: 'stripe-signature',
  paypal: 'paypal-transmission-sig',
  square: 'x-square-hmacsha256-signature',
  adyen: 'hmacsignature',
  'standard-webhooks': 'webhook-signature',
};

const secretOf = (provider: Provider): string => provider.generateSecret(countingBytes);

const signedBy = (provider: Provider, body: Uint8Array): Delivery =>
  deliveryOfSigned(
    provider.sign(
      signInput(body, secretOf(provider), {
        certificate: { url: CERTIFICATE_URL, privateKeyPem: issued.leafPrivateKeyPem },
      }),
    ),
  );

const judge = async (provider: Provider, delivery: Delivery): Promise<Verification> =>
  provider.verify(
    verifyInput(delivery, [secretOf(provider)], {
      settings: settingsWith({ isSimulatorAllowed: true }),
      certificates: certificatesServing(issued.leafPem),
    }),
  );

const withBitFlipped = (bytes: Uint8Array, bit: number): Uint8Array => {
  const changed = Buffer.from(bytes);
  const index = Math.floor(bit / 8) % changed.length;
  changed[index] = (changed[index] ?? 0) ^ (1 << (bit % 8));
  return changed;
};

const withHeader = (delivery: Delivery, name: string, value: string): Delivery => ({
  ...delivery,
  headers: new Map([...delivery.headers, [name, [value]]]),
});

const BODY = Buffer.from(JSON.stringify({ id: 'evt_1', type: 'x', event_id: 'e', note: '€'.repeat(20) }));

for (const provider of PROVIDERS) {
  describe(`${provider.name}`, () => {
    test('verifies whatever bytes it signed', async () => {
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), async (body) => {
          expect((await judge(provider, signedBy(provider, body))).outcome).toBe('verified');
        }),
      );
    });

    test('rejects a body with any one bit flipped', async () => {
      const delivery = signedBy(provider, BODY);

      await fc.assert(
        fc.asyncProperty(fc.nat(delivery.body.length * 8 - 1), async (bit) => {
          const verification = await judge(provider, { ...delivery, body: withBitFlipped(delivery.body, bit) });

          expect(verification).toEqual({ outcome: 'rejected', reason: 'signature_mismatch' });
        }),
      );
    });

    test('rejects a signature header with any one bit flipped', async () => {
      const name = SIGNATURE_HEADERS[provider.name] ?? '';
      const delivery = signedBy(provider, BODY);
      const value = Buffer.from(delivery.headers.get(name)?.[0] ?? '', 'latin1');
      expect(value.length).toBeGreaterThan(30);

      // Every bit, not a sample: a single accepted one is a forgery.
      for (let bit = 0; bit < value.length * 8; bit += 1) {
        const changed = withHeader(delivery, name, Buffer.from(withBitFlipped(value, bit)).toString('latin1'));

        expect((await judge(provider, changed)).outcome, `bit ${bit}`).toBe('rejected');
      }
    });

    test('does not depend on the case or order of header names', async () => {
      const { headers, body } = signedBy(provider, BODY);
      const entries = [...headers].map(([name, values]): [string, string] => [name, values[0] ?? '']);

      await fc.assert(
        fc.asyncProperty(
          fc.shuffledSubarray(entries, { minLength: entries.length }),
          fc.boolean(),
          async (all, isUpper) => {
            const renamed = all.map(([name, value]) => [isUpper ? name.toUpperCase() : name, value]);
            const delivery = deliveryOf(body, Object.fromEntries(renamed));

            expect((await judge(provider, delivery)).outcome).toBe('verified');
          },
        ),
      );
    });

    test('verifies nothing when any of its headers is missing', async () => {
      const delivery = signedBy(provider, BODY);

      for (const name of delivery.headers.keys()) {
        if (name === 'content-type') continue;
        const headers = new Map([...delivery.headers].filter(([other]) => other !== name));

        expect((await judge(provider, { ...delivery, headers })).outcome, name).toBe('rejected');
      }
    });

    test('never throws and never verifies arbitrary headers and bodies, and parses without throwing', async () => {
      const names = [...provider.storedHeaders, 'content-type'];
      const header = fc.tuple(fc.constantFrom(...names), fc.string({ maxLength: 80 }));
      const body = fc.oneof(
        fc.json().map((text) => Buffer.from(text)),
        fc.uint8Array({ maxLength: 100 }),
      );

      await fc.assert(
        fc.asyncProperty(fc.array(header, { maxLength: 8 }), body, async (headers, bytes) => {
          const delivery = deliveryOf(bytes, Object.fromEntries(headers));

          expect((await judge(provider, delivery)).outcome).toBe('rejected');
          provider.parse(delivery, { outcome: 'verified', secretId: 's', isSimulated: false, transmission: null });
        }),
      );
    });
  });
}

describe('tolerance of a signed timestamp', () => {
  test.each(PROVIDERS.filter(({ name }) => name === 'stripe' || name === 'standard-webhooks'))(
    '$name accepts exactly the ages up to the tolerance, either way',
    async (provider) => {
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: -400, max: 400 }), fc.nat(350), async (ageSeconds, toleranceSeconds) => {
          const now = NOW + ageSeconds * 1000;
          const settings = settingsWith({ toleranceSeconds });
          const input = verifyInput(signedBy(provider, BODY), [secretOf(provider)], { now, settings });

          const verification = await provider.verify(input);

          const isInside = Math.abs(ageSeconds) <= toleranceSeconds;
          const reason = ageSeconds > 0 ? 'timestamp_too_old' : 'timestamp_too_new';
          expect(verification).toMatchObject(isInside ? { outcome: 'verified' } : { outcome: 'rejected', reason });
        }),
      );
    },
  );
});

describe('stripe.parse', () => {
  test('gives different keys to different accounts and ids, and the same to repeated deliveries', () => {
    const part = fc.stringMatching(/^[A-Za-z0-9]{1,12}$/);
    const event = fc.record({ id: part.map((id) => `evt_${id}`), account: fc.option(part.map((id) => `acct_${id}`)) });
    const keyOf = (one: object): string => {
      const body = JSON.stringify({ ...one, type: 't', livemode: true });
      const result = stripe.parse(deliveryOf(body, {}), {
        outcome: 'verified',
        secretId: 's',
        isSimulated: false,
        transmission: null,
      });
      return result.outcome === 'parsed' ? (result.events[0]?.dedupeKey ?? '') : '';
    };

    fc.assert(
      fc.property(event, event, (first, second) => {
        const isSame = first.id === second.id && first.account === second.account;

        expect(keyOf(first)).toBe(keyOf({ pending_webhooks: 3, ...first }));
        expect(keyOf(first) === keyOf(second)).toBe(isSame);
      }),
    );
  });
});
