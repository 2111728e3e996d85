import { generateKeyPairSync } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import {
  countingBytes,
  deliveryOf,
  deliveryOfSigned,
  eventsOf,
  NOW,
  rejectedFor,
  signInput,
  VERIFIED,
  verifyInput,
} from '../../../test/providers/provider-inputs.ts';
import { LIMITS } from '../../core/limits.ts';
import type { Verified } from '../../core/ports/provider.ts';
import { standardWebhooks } from './standard-webhooks.ts';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const OTHER_SECRET = `whsec_${Buffer.alloc(32, 8).toString('base64')}`;
const BODY = '{"type":"invoice.paid","timestamp":"2026-03-01T11:59:00.5Z","data":{"id":"in_1","note":"€"}}';
const ID = 'msg_2KWPBgLlAfxdpx2AI54pPJ85f4W';
const NOW_SECONDS = NOW / 1000;

/** By the official library. */
const signatureFor = (secret: string, seconds = NOW_SECONDS, id = ID, body = BODY): string =>
  new Webhook(secret).sign(id, new Date(seconds * 1000), body);

const headersWith = (overrides: Record<string, string | string[] | undefined> = {}) => {
  const all = {
    'webhook-id': ID,
    'webhook-timestamp': String(NOW_SECONDS),
    'webhook-signature': signatureFor(SECRET),
    ...overrides,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Record<string, string>;
};

const verifyWith = (headers: Record<string, string>, secrets: readonly string[] = [SECRET], body = BODY) =>
  standardWebhooks.verify(verifyInput(deliveryOf(body, headers), secrets));

const ed25519 = () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const seed = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-32);
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  return {
    whsk: `whsk_${Buffer.concat([seed, raw]).toString('base64')}`,
    whpk: `whpk_${raw.toString('base64')}`,
  };
};

describe('standardWebhooks.verify', () => {
  test('accepts what the official library signs', () => {
    expect(verifyWith(headersWith())).toEqual(VERIFIED);
  });

  test('accepts a secret without its prefix, trims it, and tells which of several matched', () => {
    const bare = SECRET.slice('whsec_'.length);

    expect(verifyWith(headersWith(), [OTHER_SECRET, ` ${bare} `])).toMatchObject({ secretId: 'secret#2' });
  });

  test('accepts the svix names as aliases', () => {
    const headers = {
      'svix-id': ID,
      'Svix-Timestamp': String(NOW_SECONDS),
      'svix-signature': signatureFor(SECRET),
    };

    expect(verifyWith(headers)).toEqual(VERIFIED);
  });

  test('never mixes the two families of names', () => {
    const headers = headersWith({ 'webhook-id': undefined, 'svix-id': ID });

    expect(verifyWith(headers)).toEqual(rejectedFor('signature_missing'));
  });

  test('accepts any of several signatures and passes over unknown versions', () => {
    const list = `v2,abc v1,broken v1a,AAAA ${signatureFor(OTHER_SECRET)} ${signatureFor(SECRET)}`;

    expect(verifyWith(headersWith({ 'webhook-signature': list }))).toEqual(VERIFIED);
  });

  test('reads a bounded number of signatures', () => {
    const list = `${`${signatureFor(OTHER_SECRET)} `.repeat(16)}${signatureFor(SECRET)}`;

    expect(verifyWith(headersWith({ 'webhook-signature': list }))).toEqual(rejectedFor('signature_mismatch'));
  });

  test('accepts an ed25519 signature with the public key', () => {
    const { whsk, whpk } = ed25519();
    const delivery = deliveryOfSigned(standardWebhooks.sign(signInput(BODY, whsk)));

    expect(standardWebhooks.verify(verifyInput(delivery, [SECRET, whpk]))).toMatchObject({ secretId: 'secret#2' });
    expect(standardWebhooks.verify(verifyInput(delivery, [ed25519().whpk]))).toEqual(rejectedFor('signature_mismatch'));
    expect(standardWebhooks.verify(verifyInput({ ...delivery, body: Buffer.from('{}') }, [whpk]))).toEqual(
      rejectedFor('signature_mismatch'),
    );
  });

  test('never takes a public key for an HMAC key', () => {
    const { whpk } = ed25519();
    const forged = signatureFor(whpk.replace('whpk_', 'whsec_'));

    expect(verifyWith(headersWith({ 'webhook-signature': forged }), [whpk])).toEqual(rejectedFor('signature_mismatch'));
  });

  test('lets a malformed secret match nothing', () => {
    expect(verifyWith(headersWith(), ['whsec_', 'whsec_***', 'whpk_AAAA'])).toEqual(rejectedFor('signature_mismatch'));
  });

  test('rejects a signature made with the text of the secret as key', () => {
    const textKey = `whsec_${Buffer.from(SECRET).toString('base64')}`;

    expect(verifyWith(headersWith({ 'webhook-signature': signatureFor(textKey) }))).toEqual(
      rejectedFor('signature_mismatch'),
    );
  });

  test('accepts 300 seconds either way and rejects 301', () => {
    const at = (seconds: number) =>
      verifyWith(
        headersWith({ 'webhook-timestamp': String(seconds), 'webhook-signature': signatureFor(SECRET, seconds) }),
      );

    expect(at(NOW_SECONDS - 300)).toEqual(VERIFIED);
    expect(at(NOW_SECONDS + 300)).toEqual(VERIFIED);
    expect(at(NOW_SECONDS - 301)).toEqual(rejectedFor('timestamp_too_old'));
    expect(at(NOW_SECONDS + 301)).toEqual(rejectedFor('timestamp_too_new'));
  });

  test.each([
    ['no id', { 'webhook-id': undefined }, 'signature_missing'],
    ['no signature', { 'webhook-signature': undefined }, 'signature_missing'],
    ['no timestamp', { 'webhook-timestamp': undefined }, 'timestamp_missing'],
    ['a timestamp with a fraction', { 'webhook-timestamp': `${NOW_SECONDS}.0` }, 'timestamp_malformed'],
    ['another timestamp', { 'webhook-timestamp': String(NOW_SECONDS - 1) }, 'signature_mismatch'],
    ['another id', { 'webhook-id': 'msg_2' }, 'signature_mismatch'],
    ['an id with a full stop', { 'webhook-id': 'msg.2' }, 'signature_malformed'],
    ['an empty id', { 'webhook-id': '' }, 'signature_malformed'],
    ['an empty signature', { 'webhook-signature': '' }, 'signature_malformed'],
    ['a signature without version', { 'webhook-signature': signatureFor(SECRET).slice(3) }, 'signature_malformed'],
    ['a repeated id', { 'webhook-id': [ID, ID] }, 'signature_malformed'],
  ])('rejects %s', (_, overrides, reason) => {
    expect(verifyWith(headersWith(overrides))).toEqual(rejectedFor(reason));
  });

  test('rejects a delivery with no header at all, and a body that was written again', () => {
    expect(verifyWith({})).toEqual(rejectedFor('signature_missing'));
    expect(verifyWith(headersWith(), [SECRET], JSON.stringify(JSON.parse(BODY), null, 1))).toEqual(
      rejectedFor('signature_mismatch'),
    );
  });

  test('rejects the full stop of the signed text moved from the body into id and timestamp', () => {
    const signature = signatureFor(SECRET, NOW_SECONDS, ID, `${NOW_SECONDS}.{}`);
    const headers = headersWith({ 'webhook-id': `${ID}.${NOW_SECONDS}`, 'webhook-signature': signature });

    expect(verifyWith(headers, [SECRET], '{}')).toEqual(rejectedFor('signature_malformed'));
  });
});

describe('standardWebhooks.sign', () => {
  test('signs what the official library accepts', () => {
    // The library reads the machine's clock and takes no other.
    const { headers } = standardWebhooks.sign(signInput(BODY, SECRET, { now: Date.now() }));

    expect(new Webhook(SECRET).verify(BODY, { ...headers })).toEqual(JSON.parse(BODY));
    expect(() => new Webhook(OTHER_SECRET).verify(BODY, { ...headers })).toThrow();
  });

  test('takes the id of the body when it has one, so that the same event can be sent twice', () => {
    const idOf = (body: string) =>
      standardWebhooks.sign(signInput(body, SECRET, { deliveryId: 'new' })).headers['webhook-id'];

    expect(idOf('{"id":"msg_1"}')).toBe('msg_1');
    expect(idOf('{"id":"a.b"}')).toBe('new');
    expect(idOf(BODY)).toBe('new');
    expect(idOf('{')).toBe('new');
  });

  test('refuses to sign with a public key', () => {
    expect(() => standardWebhooks.sign(signInput(BODY, ed25519().whpk))).toThrow('only verifies');
  });
});

describe('standardWebhooks.parse', () => {
  test('identifies the event by its message id, and never keys by a time that the sender may write anew', () => {
    expect(eventsOf(standardWebhooks, BODY, headersWith())).toMatchObject([
      {
        dedupeKey: ID,
        providerEventId: ID,
        eventType: 'invoice.paid',
        eventAt: null,
        objectId: 'in_1',
        parentIds: [],
        account: null,
        mode: 'unknown',
        isSimulated: false,
        ordering: { by: 'time', value: Date.UTC(2026, 2, 1, 11, 59, 0, 500) },
        payload: null,
      },
    ]);
  });

  test('takes the type from the names that other bodies use', () => {
    const typeOf = (body: object) => eventsOf(standardWebhooks, JSON.stringify(body), headersWith())[0]?.eventType;

    expect(typeOf({ event_type: 'a' })).toBe('a');
    expect(typeOf({ type: 1, event: 'b' })).toBe('b');
  });

  test('keeps the identity of a body that names no type: the specification only recommends one', () => {
    expect(eventsOf(standardWebhooks, '{"test": 2432232314}', headersWith())).toMatchObject([
      { eventType: 'untyped', dedupeKey: headersWith()['webhook-id'] },
    ]);
  });

  test.each([
    ['7', 'shape_unexpected'],
    ['a=b', 'body_not_json'],
  ])('calls %s unparsable', (body, reason) => {
    expect(standardWebhooks.parse(deliveryOf(body, headersWith()), VERIFIED)).toEqual({
      outcome: 'unparsable',
      reason,
    });
  });

  test('finds no identity without a message id', () => {
    expect(standardWebhooks.parse(deliveryOf(BODY, {}), VERIFIED)).toEqual({
      outcome: 'unparsable',
      reason: 'event_id_missing',
    });
  });
});

describe('standardWebhooks senders', () => {
  const senderOfFirst = SECRET;
  const keyOf = (signedWith: string, secrets: readonly string[], id = ID): string | undefined => {
    const headers = headersWith({ 'webhook-id': id, 'webhook-signature': signatureFor(signedWith, NOW_SECONDS, id) });
    const delivery = deliveryOf(BODY, headers);
    const verification = standardWebhooks.verify(verifyInput(delivery, secrets)) as Verified;
    const result = standardWebhooks.parse(delivery, verification);
    return result.outcome === 'parsed' ? result.events[0]?.dedupeKey : result.reason;
  };

  test('are told apart in the key, by the name that the configuration gives them', () => {
    const secrets = [`billing=${senderOfFirst}`, `shop=${OTHER_SECRET}`];

    expect(keyOf(SECRET, secrets)).toBe(`billing.${ID}`);
    expect(keyOf(OTHER_SECRET, secrets)).toBe(`shop.${ID}`);
  });

  test('keep their key while they roll a secret: one name, two secrets', () => {
    const secrets = [`billing=${SECRET}`, `billing=${OTHER_SECRET}`];

    expect(keyOf(OTHER_SECRET, secrets)).toBe(keyOf(SECRET, secrets));
  });

  test('have the id alone for a key where there is one without a name, as in the release before', () => {
    expect(keyOf(SECRET, [SECRET])).toBe(ID);
    expect(keyOf(SECRET, [`shop=${OTHER_SECRET}`, SECRET])).toBe(ID);
  });

  test('are told apart without names too, whatever stands between them in the list', () => {
    const third = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

    expect(keyOf(SECRET, [SECRET, OTHER_SECRET])).toBe(ID);
    expect(keyOf(OTHER_SECRET, [SECRET, OTHER_SECRET])).toMatch(/^secret-[0-9a-f]{8}\.msg_/);
    expect(keyOf(OTHER_SECRET, [SECRET, third, OTHER_SECRET])).toBe(keyOf(OTHER_SECRET, [SECRET, OTHER_SECRET]));
  });

  test('cannot write the key of another: a name is joined with what no id may hold', () => {
    const headers = headersWith({
      'webhook-id': `billing.${ID}`,
      'webhook-signature': signatureFor(SECRET, NOW_SECONDS, `billing.${ID}`),
    });

    expect(verifyWith(headers)).toEqual(rejectedFor('signature_malformed'));
  });

  test('may be configured as Supabase shows a secret, with a version and a comma in front', () => {
    const secrets = standardWebhooks.splitSecrets?.(`v1,${SECRET}|v1,${OTHER_SECRET},shop=v1,${SECRET}`) ?? [];

    expect(secrets).toEqual([`v1,${SECRET}`, `v1,${OTHER_SECRET}`, `shop=v1,${SECRET}`]);
    for (const secret of secrets) expect(standardWebhooks.checkSecret(secret)).toBeNull();
    expect(verifyWith(headersWith(), [`v1,${SECRET}`])).toEqual(VERIFIED);
    expect(keyOf(SECRET, [`shop=v1,${SECRET}`])).toBe(`shop.${ID}`);
  });

  test('say the same in two attempts whose timestamp was written anew, and another thing in another body', () => {
    const contentOf = (body: object) =>
      eventsOf(standardWebhooks, JSON.stringify(body), { 'webhook-id': ID })[0]?.content;

    expect(contentOf({ type: 't', timestamp: 'a' })).toEqual(contentOf({ type: 't', timestamp: 'b' }));
    expect(contentOf({ type: 'u' })).not.toEqual(contentOf({ type: 't' }));
  });
});

describe('standardWebhooks.verify before anything is proven', () => {
  test('spends less than 50 ms on a mebibyte and a header full of signatures for each kind of secret', () => {
    const { whpk } = ed25519();
    const signature = `v1a,${Buffer.alloc(64, 1).toString('base64')}`;
    const headers = headersWith({ 'webhook-signature': Array.from({ length: 150 }, () => signature).join(' ') });
    const body = 'x'.repeat(LIMITS.bodyBytesMax);
    const times = Array.from({ length: 3 }, () => {
      const before = process.cpuUsage();
      expect(verifyWith(headers, [whpk, SECRET], body)).toMatchObject({ outcome: 'rejected' });
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1000;
    });

    expect(Math.min(...times)).toBeLessThan(50);
  });
});

describe('standardWebhooks.checkSecret', () => {
  test('accepts generated secrets, bare base64 and public keys', () => {
    expect(standardWebhooks.checkSecret(standardWebhooks.generateSecret(countingBytes))).toBeNull();
    expect(standardWebhooks.checkSecret(SECRET.slice(6))).toBeNull();
    expect(standardWebhooks.checkSecret(ed25519().whpk)).toBeNull();
  });

  test.each([
    ['', 'empty'],
    ['whsec_a b', 'white space'],
    ['whsec_not-base64', '24 to 64 bytes'],
    [`whsec_${Buffer.alloc(23).toString('base64')}`, '24 to 64 bytes'],
    [`whsec_${Buffer.alloc(65).toString('base64')}`, '24 to 64 bytes'],
    ['whpk_AAAA', 'ed25519 public key'],
    ['whsk_AAAA', 'private key'],
    [`"${SECRET}"`, 'quotation marks'],
    [`billing="${SECRET}"`, 'quotation marks'],
    ['whsec_...', '24 to 64 bytes'],
    ['billing=whsec_...', '24 to 64 bytes'],
    [`Billing=${SECRET}`, '24 to 64 bytes'],
    ['sk_live_0123456789abcdefghijklmnopqrstuvwxyz', 'API key'],
    ['A1'.repeat(32), '24 to 64 bytes'],
    [`whsec_${'A'.repeat(44)}`, '24 to 64 bytes'],
  ])('names what is wrong with %j', (secret, problem) => {
    expect(standardWebhooks.checkSecret(secret)).toContain(problem);
  });
});
