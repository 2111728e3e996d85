import { describe, expect, test } from 'vitest';
import { configurableNamed, NOW, settingsWith } from '../../test/providers/provider-inputs.ts';
import { issueCertificates } from '../adapters/file/issue-certificates.ts';
import {
  isBodyAsSaved,
  providerNameOf,
  readSavedDeliveries,
  type SavedDeliveryFallback,
  toDelivery,
  toVerifyInput,
} from './saved-delivery.ts';

const fallback: SavedDeliveryFallback = {
  now: NOW,
  secrets: [{ id: 'configured#1', value: 'configured' }],
  settings: settingsWith({ notificationUrl: null }),
  configurable: configurableNamed('stripe'),
};

const inputOf = (delivery: object, file: object = {}) => {
  const read = readSavedDeliveries({ vectors: [{ body: '{}', ...delivery }], ...file });
  const [saved] = read.vectors;
  if (saved === undefined) throw new Error('no delivery');
  const name = providerNameOf(saved, read);
  return toVerifyInput(saved, read, { ...fallback, configurable: configurableNamed(name ?? 'stripe') });
};

const USAGE_WRONG = expect.objectContaining({ code: 'usage_wrong' });

describe('readSavedDeliveries', () => {
  test('takes a whole file, a bare list and one bare delivery', () => {
    const delivery = { name: 'a', headers: {}, body: '{}' };

    for (const json of [{ provider: 'stripe', vectors: [delivery] }, [delivery], delivery]) {
      expect(readSavedDeliveries(json).vectors).toEqual([delivery]);
    }
  });

  test.each([[null], ['text'], [7], [[]], [{}], [{ vectors: [] }], [{ vectors: [{ body: 1 }] }]])(
    'refuses %j as wrong usage',
    (json) => {
      expect(() => readSavedDeliveries(json)).toThrowError(USAGE_WRONG);
    },
  );

  test('names the field that is wrong and not its value', () => {
    expect(() => readSavedDeliveries({ body: '{}', secret: ['whsec_x'] })).toThrow('vectors.0.secret');
    expect(() => readSavedDeliveries({ body: '{}', secret: ['whsec_x'] })).not.toThrow('whsec_x');
  });
});

describe('providerNameOf', () => {
  test('prefers what the delivery says', () => {
    const file = { provider: 'stripe', vectors: [] };

    expect(providerNameOf({ body: '', provider: 'square' }, file)).toBe('square');
    expect(providerNameOf({ body: '' }, file)).toBe('stripe');
    expect(providerNameOf({ body: '' }, { vectors: [] })).toBeUndefined();
  });
});

describe('toDelivery', () => {
  test('lowers header names and keeps repeats in order', () => {
    const delivery = toDelivery({ body: '€', headers: { 'X-A': ['1', '2'], 'x-a': '3', B: '4' }, query: 'q=1' }, null);

    expect(delivery.headers).toEqual(
      new Map([
        ['x-a', ['1', '2', '3']],
        ['b', ['4']],
      ]),
    );
    expect(delivery.body).toEqual(Buffer.from('€'));
    expect(delivery).toMatchObject({ method: 'POST', query: 'q=1' });
    expect(toDelivery({ body: '' }, null).headers.size).toBe(0);
  });
});

describe('isBodyAsSaved', () => {
  test('notices a body that was changed since', () => {
    const body_sha256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

    expect(isBodyAsSaved({ body: '', body_sha256 })).toBe(true);
    expect(isBodyAsSaved({ body: ' ', body_sha256 })).toBe(false);
    expect(isBodyAsSaved({ body: '' })).toBeNull();
  });
});

describe('toVerifyInput', () => {
  test('takes all key material that the delivery has, in a fixed order', () => {
    const { secrets } = inputOf({ other_secret: 'b', secret: 'a', hmac_key_hex: 'c', webhook_id: 'd' });

    expect(secrets).toEqual([
      { id: 'secret', value: 'a' },
      { id: 'other_secret', value: 'b' },
      { id: 'hmac_key_hex', value: 'c' },
      { id: 'webhook_id', value: 'd' },
    ]);
  });

  test('falls back to the configured secrets, and says so when there are none', () => {
    expect(inputOf({}).secrets).toEqual(fallback.secrets);
    expect(() => toVerifyInput({ body: '' }, { vectors: [] }, { ...fallback, secrets: [] })).toThrowError(USAGE_WRONG);
  });

  test('reads the clock as unix seconds or RFC 3339, and else uses the fallback', () => {
    expect(inputOf({ clock: 1_533_204_620 }).now).toBe(1_533_204_620_000);
    expect(inputOf({ clock: '2015-05-18T15:45:13Z' }).now).toBe(Date.UTC(2015, 4, 18, 15, 45, 13));
    expect(inputOf({}).now).toBe(NOW);
    expect(() => inputOf({ clock: 'noon' })).toThrowError(USAGE_WRONG);
  });

  test('takes tolerance and notification URL of the delivery, and wants a URL for Square', () => {
    const { delivery } = inputOf({ notification_url: 'https://x.example/' }, { provider: 'square' });

    expect(delivery.publicUrl).toBe('https://x.example/');
    expect(inputOf({ tolerance: 5 }).settings).toMatchObject({ toleranceSeconds: 5 });
    expect(inputOf({})).toMatchObject({ settings: { toleranceSeconds: 300 }, delivery: { publicUrl: null } });
    expect(() => inputOf({}, { provider: 'square' })).toThrowError(USAGE_WRONG);
  });

  test('sorts the certificates of the file into roots and intermediates', async () => {
    const issued = await issueCertificates({
      now: NOW,
      commonName: 'a.example',
      daysValid: 1,
      hasIntermediate: true,
    });
    const ca = { one: issued.intermediatePem, two: issued.rootPem };

    expect(inputOf({}, { ca, provider: 'paypal' }).settings).toMatchObject({
      trustedRoots: [issued.rootPem],
      intermediates: [issued.intermediatePem],
    });
    expect(() => inputOf({}, { ca: { one: 'nonsense' } })).toThrowError(USAGE_WRONG);
  });

  test('serves certificates out of the file only', async () => {
    const certs = { a: { pem: 'PEM A', urls: ['https://a.example/'] }, b: { pem: 'PEM B' } };
    const fetchWith = (delivery: object) => inputOf(delivery, { certs }).certificates.fetch('https://a.example/');

    expect(await fetchWith({})).toEqual({ outcome: 'found', pem: 'PEM A' });
    expect(await fetchWith({ cert: 'b' })).toEqual({ outcome: 'found', pem: 'PEM B' });
    expect(await inputOf({}).certificates.fetch('https://a.example/')).toMatchObject({ outcome: 'unavailable' });
  });
});
