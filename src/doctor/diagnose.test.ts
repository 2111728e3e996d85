import { createHmac } from 'node:crypto';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  certificatesServing,
  countingBytes,
  deliveryOf,
  NOTIFICATION_URL,
  NOW,
  settingsWith,
  signInput,
  type TestSettings,
} from '../../test/providers/provider-inputs.ts';
import { issueCertificates } from '../adapters/file/issue-certificates.ts';
import type { Delivery, Provider, VerifyInput } from '../core/ports/provider.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../core/time.ts';
import { doctorOf } from '../providers/doctors.ts';
import { PROVIDERS, providerNamed } from '../providers/providers.ts';
import { reportOf } from './advice.ts';
import { diagnose } from './diagnose.ts';
import type { DoctorOutcome } from './diagnosis.ts';

const issued = await issueCertificates({
  now: NOW,
  commonName: 'messageverificationcerts.paypal.com',
  daysValid: 30,
});
const CERTIFICATE_URL = 'https://api.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-1d93a270';

const provider = (name: string): Provider => {
  const found = providerNamed(name);
  if (found === undefined) throw new Error(`there is no provider ${name}`);
  return found;
};

const SECRETS: Readonly<Record<string, string>> = {
  stripe: `whsec_${'Kq3vX9bT7mZp1LwR'.repeat(2)}`,
  paypal: '40L71081MK3756722',
  square: 'Zm9vLWJhci1iYXotcXV4LQ',
  adyen: '0123456789ABCDEF'.repeat(4),
  'standard-webhooks': `whsec_${Buffer.from(countingBytes(33)).toString('base64')}`,
};
const OTHER = 'R8s2LmQ0yVn5Xw7Tc4Zk1JpBd6Gf9HaE';

const EURO = String.fromCharCode(0x20ac);
const E_ACUTE = String.fromCharCode(0xe9);

/** As Stripe writes them: indented, ids first, then by the alphabet. */
const STRIPE_EVENT = {
  id: 'evt_1',
  object: 'event',
  api_version: '2026-01-01',
  created: 1_772_366_400,
  data: {
    object: { id: 'ch_1', object: 'charge', amount: 2000, description: `caf${E_ACUTE} 5 ${EURO} <b>`, metadata: {} },
  },
  livemode: true,
  pending_webhooks: 1,
  type: 'charge.succeeded',
};
const BODIES: Readonly<Record<string, string>> = {
  stripe: JSON.stringify(STRIPE_EVENT, null, 2),
  paypal: JSON.stringify({ id: 'WH-1', event_type: 'PAYMENT.CAPTURE.COMPLETED', resource: { id: '1', note: E_ACUTE } }),
  square: JSON.stringify({
    merchant_id: 'M',
    type: 'payment.updated',
    event_id: 'e-1',
    data: { id: 'p', note: E_ACUTE },
  }),
  adyen: JSON.stringify({ data: { id: 'x', name: E_ACUTE }, environment: 'test', type: 'balancePlatform.x' }),
  'standard-webhooks': JSON.stringify({
    type: 'invoice.paid',
    timestamp: '2026-03-01T12:00:00Z',
    data: { id: '1', of: E_ACUTE },
  }),
};

const textOf = (table: Readonly<Record<string, string>>, name: string): string => {
  const text = table[name];
  if (text === undefined) throw new Error(`nothing for ${name}`);
  return text;
};

interface Mistake {
  /** What was signed. @default the provider's body */
  readonly body?: string;
  /** @default ours */
  readonly signedWith?: string;
  readonly signedAt?: number;
  readonly signedUrl?: string;
  /** What happened on the way. */
  readonly onTheWay?: (delivery: Delivery) => Partial<Delivery>;
  readonly secrets?: readonly string[];
  readonly settings?: Partial<TestSettings>;
  readonly mode?: 'live' | 'test';
  /** Whose rules sign. @default the provider's that it comes to */
  readonly from?: string;
  /** The provider's right secret is ours, but not what this is judged with. */
  readonly isHeldElsewhere?: true;
}

const signedDelivery = (name: string, mistake: Mistake = {}): Delivery => {
  const signer = mistake.from ?? name;
  const signed = provider(signer).sign(
    signInput(mistake.body ?? textOf(BODIES, signer), mistake.signedWith ?? textOf(SECRETS, signer), {
      now: mistake.signedAt ?? NOW,
      publicUrl: mistake.signedUrl ?? NOTIFICATION_URL,
      certificate: { url: CERTIFICATE_URL, privateKeyPem: issued.leafPrivateKeyPem },
    }),
  );
  const delivery = deliveryOf(signed.body, signed.headers);
  return { ...delivery, ...mistake.onTheWay?.(delivery) };
};

const inputOf = (name: string, mistake: Mistake): VerifyInput => ({
  delivery: signedDelivery(name, mistake),
  secrets: (mistake.secrets ?? [textOf(SECRETS, name)]).map((value, index) => ({ id: `${name}#${index + 1}`, value })),
  settings: settingsWith(mistake.settings),
  now: NOW,
  certificates: certificatesServing(issued.leafPem),
});

const examine = (name: string, mistake: Mistake = {}): Promise<DoctorOutcome> => {
  const own = mistake.secrets ?? [textOf(SECRETS, name)];
  const others = PROVIDERS.map((one) => ({
    provider: one,
    settings: settingsWith(),
    secrets: [{ id: `${one.name}#1`, value: textOf(SECRETS, one.name) }].filter(
      ({ value }) => !own.includes(value) && (one.name !== name || mistake.isHeldElsewhere === true),
    ),
  }));
  const doctorCase = { provider: provider(name), input: inputOf(name, mistake), others, mode: mistake.mode };
  return diagnose(doctorCase, doctorOf(name));
};

const headersOf = ({ headers }: Delivery, change: (name: string, value: string) => readonly [string, string]) => ({
  headers: new Map(
    [...headers].map(([name, [value = '']]) => change(name, value)).map(([name, value]) => [name, [value]]),
  ),
});

const renamed =
  (to: (name: string) => string) =>
  (delivery: Delivery): Partial<Delivery> =>
    headersOf(delivery, (name, value) => [/signature|paypal|webhook/.test(name) ? to(name) : name, value]);

const valued =
  (change: (value: string) => string) =>
  (delivery: Delivery): Partial<Delivery> =>
    headersOf(delivery, (name, value) => [name, /signature|transmission-sig/.test(name) ? change(value) : value]);

const bodied =
  (change: (body: Buffer) => Uint8Array | string) =>
  ({ body }: Delivery): Partial<Delivery> => ({ body: Buffer.from(change(Buffer.from(body))) });

const jsoned = (write: (value: unknown) => string) => bodied((body) => write(JSON.parse(body.toString())));

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort()
      .map(([key, inner]) => [key, sorted(inner)]),
  );
};

const utf16 = (body: Buffer): Buffer => Buffer.from(body.toString(), 'utf16le');
const asciiOnly = (text: string): string =>
  text.replace(/[\u0080-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);

const WHOLE_BODY = ['stripe', 'paypal', 'square', 'adyen', 'standard-webhooks'];
const COMPACT = ['paypal', 'square', 'adyen', 'standard-webhooks'];

/** What went wrong, at which providers, and what has to be found. */
const MISTAKES: readonly (readonly [string, readonly string[], Mistake, object])[] = [
  [
    'the body is pretty-printed',
    COMPACT,
    { onTheWay: jsoned((value) => JSON.stringify(value, null, 4)) },
    { kind: 'body_rewritten', signed: { layout: 'compact' } },
  ],
  [
    'the body loses its indentation',
    ['stripe'],
    { onTheWay: jsoned((value) => JSON.stringify(value)) },
    { kind: 'body_rewritten', signed: { layout: 'two_spaces' } },
  ],
  [
    'the body is written as Python does',
    ['stripe', ...COMPACT],
    { onTheWay: jsoned((value) => asciiOnly(JSON.stringify(value)).replaceAll('":', '": ').replaceAll(',"', ', "')) },
    { kind: 'body_rewritten' },
  ],
  [
    'its keys are sorted',
    ['stripe'],
    { onTheWay: jsoned((value) => JSON.stringify(sorted(value))) },
    { kind: 'body_rewritten', signed: { layout: 'two_spaces', isReordered: true } },
  ],
  [
    'its keys are sorted',
    ['square'],
    { onTheWay: jsoned((value) => JSON.stringify(sorted(value))) },
    { kind: 'body_rewritten', signed: { layout: 'compact', isReordered: true } },
  ],
  [
    'characters are escaped',
    WHOLE_BODY,
    { onTheWay: bodied((body) => asciiOnly(body.toString())) },
    { kind: 'body_rewritten' },
  ],
  [
    'escapes are made characters',
    COMPACT,
    { body: asciiOnly('{"type":"a","id":"1","x":"\u00e9"}'), onTheWay: jsoned((value) => JSON.stringify(value)) },
    { kind: 'body_rewritten', signed: { layout: 'compact', texts: 'ascii' } },
  ],
  [
    'slashes lose their escapes',
    COMPACT,
    { body: '{"type":"a","u":"https:\\/\\/a.example"}', onTheWay: jsoned((value) => JSON.stringify(value)) },
    { kind: 'body_rewritten', signed: { texts: 'slashes' } },
  ],
  [
    'a line end is added',
    WHOLE_BODY,
    { onTheWay: bodied((body) => `${body}\n`) },
    { kind: 'body_reencoded', how: 'line_end_added' },
  ],
  [
    'the line end is taken away',
    ['square', 'stripe'],
    { body: '{"type":"a"}\n', onTheWay: bodied((body) => body.toString().trim()) },
    { kind: 'body_reencoded', how: 'line_end_removed' },
  ],
  [
    'line ends become CR LF',
    ['stripe'],
    { onTheWay: bodied((body) => body.toString().replaceAll('\n', '\r\n')) },
    { kind: 'body_reencoded', how: 'crlf' },
  ],
  [
    'a byte order mark is added',
    WHOLE_BODY,
    { onTheWay: bodied((body) => `\ufeff${body}`) },
    { kind: 'body_reencoded', how: 'byte_order_mark' },
  ],
  ['the body becomes UTF-16', WHOLE_BODY, { onTheWay: bodied(utf16) }, { kind: 'body_reencoded', how: 'utf16' }],
  [
    'the body becomes UTF-16 of the other order',
    ['stripe'],
    { onTheWay: bodied((body) => utf16(body).swap16()) },
    { kind: 'body_reencoded', how: 'utf16' },
  ],
  [
    'the body becomes Latin-1',
    COMPACT,
    { onTheWay: bodied((body) => Buffer.from(body.toString(), 'latin1')) },
    { kind: 'body_reencoded', how: 'latin1' },
  ],
  [
    'the body becomes UTF-8 twice',
    COMPACT,
    { onTheWay: bodied((body) => body.toString('latin1')) },
    { kind: 'body_reencoded', how: 'utf8_twice' },
  ],
  [
    'the body becomes UTF-8 twice, by way of Windows-1252',
    ['stripe'],
    { onTheWay: bodied((body) => new TextDecoder('windows-1252').decode(body)) },
    { kind: 'body_reencoded', how: 'utf8_twice' },
  ],
  [
    'the body is compressed',
    WHOLE_BODY,
    { onTheWay: bodied((body) => gzipSync(body)) },
    { kind: 'body_compressed', coding: 'gzip' },
  ],
  [
    'the body is compressed with Brotli',
    ['stripe'],
    { onTheWay: bodied((body) => brotliCompressSync(body)) },
    { kind: 'body_compressed', coding: 'br' },
  ],
  [
    'the body stays in base64',
    WHOLE_BODY,
    { onTheWay: bodied((body) => body.toString('base64')) },
    { kind: 'body_wrapped', how: 'base64' },
  ],
  [
    'the body becomes a JSON text',
    WHOLE_BODY,
    { onTheWay: bodied((body) => JSON.stringify(body.toString())) },
    { kind: 'body_wrapped', how: 'json_text' },
  ],
  [
    'the body comes in an envelope',
    WHOLE_BODY,
    { onTheWay: bodied((body) => JSON.stringify({ body: body.toString() })) },
    { kind: 'body_wrapped', how: 'envelope' },
  ],
  [
    'the body comes in an envelope in base64',
    ['stripe'],
    { onTheWay: bodied((body) => JSON.stringify({ body: body.toString('base64'), isBase64Encoded: true })) },
    { kind: 'body_wrapped', how: 'envelope' },
  ],
  [
    'the body is taken for a form',
    WHOLE_BODY,
    { onTheWay: bodied((body) => new URLSearchParams({ payload: body.toString() }).toString()) },
    { kind: 'body_wrapped', how: 'form' },
  ],
  [
    'a plus is read as a space',
    ['square'],
    {
      body: '{"created_at":"2026-03-01T12:00:00+01:00"}',
      onTheWay: bodied((body) => body.toString().replaceAll('+', ' ')),
    },
    { kind: 'body_wrapped', how: 'form' },
  ],
  [
    'the body is escaped for HTML',
    WHOLE_BODY,
    {
      onTheWay: bodied((body) =>
        body
          .toString()
          .replaceAll('&', '&amp;')
          .replaceAll('"', '&quot;')
          .replaceAll('<', '&lt;')
          .replaceAll('>', '&gt;'),
      ),
    },
    { kind: 'body_wrapped', how: 'html_entities' },
  ],
  ['the body is empty', ['stripe', 'square', 'paypal'], { onTheWay: bodied(() => '') }, { kind: 'body_empty' }],
  ['the body is cut', ['stripe', 'square'], { onTheWay: bodied((body) => body.subarray(0, 60)) }, { kind: 'body_cut' }],
  [
    'characters of the body are lost',
    ['square'],
    { onTheWay: bodied((body) => Buffer.from(body.toString(), 'latin1').toString()) },
    { kind: 'body_characters_lost' },
  ],
  [
    'headers are those of CGI',
    WHOLE_BODY,
    { onTheWay: renamed((name) => `http_${name.replaceAll('-', '_')}`) },
    { kind: 'header_renamed' },
  ],
  [
    'headers have underscores',
    ['stripe', 'square', 'paypal', 'standard-webhooks'],
    { onTheWay: renamed((name) => name.replaceAll('-', '_')) },
    { kind: 'header_renamed' },
  ],
  [
    'headers have a prefix',
    WHOLE_BODY,
    { onTheWay: renamed((name) => `x-original-${name}`) },
    { kind: 'header_renamed' },
  ],
  [
    'the header of the signature is gone',
    ['stripe', 'square', 'standard-webhooks'],
    { onTheWay: renamed((name) => `gone-${name.length}`) },
    { kind: 'header_missing' },
  ],
  [
    'the signature is in quotation marks',
    WHOLE_BODY,
    { onTheWay: valued((value) => `"${value}"`) },
    { kind: 'header_damaged', how: 'quoted' },
  ],
  [
    'the signature comes twice',
    WHOLE_BODY,
    {
      onTheWay: ({ headers }) => ({
        headers: new Map(
          [...headers].map(([name, [value = '']]) => [name, /sig/.test(name) ? [value, value] : [value]]),
        ),
      }),
    },
    { kind: 'header_damaged', how: 'repeated' },
  ],
  [
    'the signature is joined with itself',
    ['square', 'adyen', 'paypal'],
    { onTheWay: valued((value) => `${value}, ${value}`) },
    { kind: 'header_damaged', how: 'repeated' },
  ],
  [
    'the signature is percent-encoded',
    ['square', 'adyen', 'paypal', 'stripe'],
    { onTheWay: valued(encodeURIComponent) },
    { kind: 'header_damaged', how: 'percent_encoded' },
  ],
  [
    'the parts of the signature are separated',
    ['stripe'],
    { onTheWay: valued((value) => value.replace(',', ' , ')) },
    { kind: 'header_damaged', how: 'white_space' },
  ],
  [
    'the signature is in capitals',
    ['stripe'],
    { onTheWay: valued((value) => value.toUpperCase().replace('T=', 't=').replace('V1=', 'v1=')) },
    { kind: 'header_damaged', how: 'letter_case' },
  ],
  [
    'the signature loses its padding',
    ['square', 'adyen', 'standard-webhooks'],
    { onTheWay: valued((value) => value.replace(/=+$/, '')) },
    { kind: 'header_damaged', how: 'base64_altered' },
  ],
  [
    'the signature names no version',
    ['standard-webhooks'],
    { onTheWay: valued((value) => value.replace('v1,', '')) },
    { kind: 'header_damaged', how: 'prefix_missing' },
  ],
  [
    'the clock of the sender is two hours ahead',
    ['stripe', 'standard-webhooks'],
    { signedAt: NOW + 2 * HOUR_MS },
    { kind: 'clock_wrong', skewMs: 2 * HOUR_MS },
  ],
  [
    'the delivery is a week old',
    ['stripe', 'standard-webhooks'],
    { signedAt: NOW - 7 * DAY_MS },
    { kind: 'clock_wrong', skewMs: -7 * DAY_MS },
  ],
  [
    'the time is in milliseconds',
    ['standard-webhooks'],
    { signedAt: NOW * 1000 },
    { kind: 'time_in_milliseconds', header: 'webhook-timestamp' },
  ],
  [
    'the body is altered and the delivery is old',
    ['stripe'],
    { signedAt: NOW - DAY_MS, onTheWay: bodied((body) => `${body}\n`) },
    { kind: 'body_reencoded' },
  ],
  [
    'another secret of ours signed',
    ['stripe'],
    { secrets: [`whsec_${OTHER}`], isHeldElsewhere: true },
    { kind: 'secret_not_in_use', secretId: 'stripe#1' },
  ],
  [
    'the secret of another provider is configured',
    ['square'],
    { signedWith: textOf(SECRETS, 'stripe') },
    { kind: 'secret_of_other_provider', title: 'Stripe' },
  ],
  [
    'it is sent to the address of another provider',
    ['stripe'],
    { from: 'square' },
    { kind: 'sent_to_other_provider', name: 'square' },
  ],
  [
    'it is sent to the address of another provider',
    ['paypal', 'adyen', 'square'],
    { from: 'stripe' },
    { kind: 'sent_to_other_provider', name: 'stripe' },
  ],
  [
    'the secret is quoted',
    ['stripe', 'square', 'paypal', 'adyen'],
    { secrets: ['"SECRET"'] },
    { kind: 'secret_damaged', how: 'quoted' },
  ],
  [
    'the secret has white space inside',
    ['stripe', 'square', 'paypal', 'adyen'],
    { secrets: ['SEC RET'] },
    { kind: 'secret_damaged', how: 'white_space' },
  ],
  [
    'the secret ends in an escaped line end',
    ['stripe', 'square', 'paypal', 'adyen'],
    { secrets: ['SECRET\\n'] },
    { kind: 'secret_damaged', how: 'escaped' },
  ],
  [
    'two secrets are joined by a semicolon',
    ['stripe', 'square', 'paypal', 'adyen'],
    { secrets: ['SECRET;other'] },
    { kind: 'secret_damaged', how: 'joined' },
  ],
  [
    'the secret is in base64',
    ['stripe', 'square', 'paypal', 'adyen'],
    { secrets: ['BASE64'] },
    { kind: 'secret_damaged', how: 'encoded_in_base64' },
  ],
  [
    'the secret is inside JSON',
    ['stripe', 'square', 'paypal', 'adyen'],
    { secrets: ['{"secret":"SECRET"}'] },
    { kind: 'secret_damaged', how: 'wrapped_in_json' },
  ],
  [
    'the name of the variable stands before the secret',
    ['stripe', 'square', 'paypal', 'adyen'],
    { secrets: ['KEY=SECRET'] },
    { kind: 'secret_damaged', how: 'prefix_added' },
  ],
  [
    'the secret lacks its prefix',
    ['stripe'],
    { secrets: [textOf(SECRETS, 'stripe').slice(6)] },
    { kind: 'secret_damaged', how: 'prefix_missing' },
  ],
  [
    'the secret is in small letters',
    ['paypal'],
    { secrets: [textOf(SECRETS, 'paypal').toLowerCase()] },
    { kind: 'secret_damaged', how: 'letter_case' },
  ],
  ['the secret is cut', ['stripe', 'square'], { secrets: ['CUT'] }, { kind: 'secret_cut' }],
  [
    'test and live are mixed',
    ['stripe'],
    { signedWith: `whsec_${OTHER}`, mode: 'test' },
    { kind: 'mode_mixed', said: 'live', configured: 'test' },
  ],
  [
    'test and live are mixed',
    ['paypal'],
    { signedWith: '99999999999999999', mode: 'test' },
    { kind: 'mode_mixed', said: 'live', configured: 'test' },
  ],
  [
    'test and live are mixed',
    ['adyen'],
    { signedWith: 'FEDCBA9876543210'.repeat(4), mode: 'live' },
    { kind: 'mode_mixed', said: 'test', configured: 'live' },
  ],
  [
    'test and live are mixed',
    ['square'],
    {
      signedWith: OTHER,
      mode: 'live',
      onTheWay: ({ headers }) => ({ headers: new Map([...headers, ['square-environment', ['Sandbox']]]) }),
    },
    { kind: 'mode_mixed', said: 'test', configured: 'live' },
  ],
  [
    'the id of another webhook is configured',
    ['paypal'],
    { signedWith: '99999999999999999' },
    { kind: 'signed_for_other_endpoint' },
  ],
  [
    'the certificate has no chain',
    ['paypal'],
    { settings: { certificateTrust: 'strict', trustedRoots: [] } },
    { kind: 'certificate_chain_missing' },
  ],
  ['the simulator sends', ['paypal'], { signedWith: 'WEBHOOK_ID' }, { kind: 'simulator' }],
  [
    'an old algorithm is named',
    ['paypal'],
    {
      onTheWay: (delivery) =>
        headersOf(delivery, (name, value) => [name, name === 'paypal-auth-algo' ? 'SHA1withRSA' : value]),
    },
    { kind: 'scheme_not_supported' },
  ],
  [
    'only the old signature comes',
    ['square'],
    { onTheWay: renamed(() => 'x-square-signature') },
    { kind: 'scheme_not_supported' },
  ],
  [
    'signing is not switched on',
    ['adyen'],
    {
      body: '{"live":"false","notificationItems":[{"NotificationRequestItem":{"pspReference":"1","merchantAccountCode":"M","eventCode":"AUTHORISATION","success":"true"}}]}',
      onTheWay: bodied((body) => body.toString().replace(/"hmacSignature":"[^"]*"/, '')),
    },
    { kind: 'signature_not_switched_on' },
  ],
  [
    'a slash is added to the address',
    ['square'],
    { signedUrl: `${NOTIFICATION_URL}/` },
    { kind: 'url_other', parts: ['slash'] },
  ],
  [
    'the address is one of http',
    ['square'],
    { signedUrl: NOTIFICATION_URL.replace('https', 'http') },
    { kind: 'url_other', parts: ['scheme'] },
  ],
  [
    'the address has a port',
    ['square'],
    { signedUrl: NOTIFICATION_URL.replace('.com', '.com:443') },
    { kind: 'url_other', parts: ['port'] },
  ],
  [
    'the address is that of a proxy',
    ['square'],
    {
      signedUrl: 'https://edge.example.net/webhook/square',
      onTheWay: ({ headers }) => ({ headers: new Map([...headers, ['x-forwarded-host', ['edge.example.net']]]) }),
    },
    { kind: 'url_other', parts: ['host'], url: 'https://edge.example.net/webhook/square' },
  ],
  [
    'the address has the stage of a gateway',
    ['square'],
    { signedUrl: 'https://pay.example.com/prod/webhook/square' },
    { kind: 'url_other', parts: ['path'] },
  ],
  [
    'the address has the prefix of a proxy',
    ['square'],
    {
      signedUrl: 'https://pay.example.com/hooks/webhook/square/',
      onTheWay: ({ headers }) => ({ headers: new Map([...headers, ['x-forwarded-prefix', ['/hooks/']]]) }),
    },
    { kind: 'url_other', parts: ['path', 'slash'] },
  ],
  [
    'the address has a query',
    ['square'],
    { signedUrl: `${NOTIFICATION_URL}?key=hush`, onTheWay: () => ({ query: 'key=hush' }) },
    { kind: 'url_other', parts: ['query'], url: `${NOTIFICATION_URL}?…` },
  ],
  [
    'the key was not decoded by the sender',
    ['standard-webhooks'],
    { signedWith: `whsec_${Buffer.from(textOf(SECRETS, 'standard-webhooks')).toString('base64')}` },
    { kind: 'secret_damaged', how: 'key_as_text' },
  ],
];

/** `SECRET` and the like in a list of secrets stand for the provider's. */
const withSecrets = (mistake: Mistake, secret: string): Mistake => {
  const written: Readonly<Record<string, string>> = {
    'SEC RET': `${secret.slice(0, 9)} ${secret.slice(9)}`,
    BASE64: Buffer.from(`${secret}\n`).toString('base64'),
    CUT: secret.slice(0, -3),
  };
  const secrets = mistake.secrets?.map((text) => written[text] ?? text.replace('SECRET', secret));
  return secrets === undefined ? mistake : { ...mistake, secrets };
};

const CASES = MISTAKES.flatMap(([what, names, mistake, found]) =>
  names.map((name) => [`${name}: ${what}`, name, withSecrets(mistake, textOf(SECRETS, name)), found] as const),
);

describe('diagnose', () => {
  test.each(CASES)('%s', async (_what, name, mistake, found) => {
    const outcome = await examine(name, mistake);

    expect(outcome).toMatchObject({ outcome: 'explained', diagnosis: found });
  });

  test.each(CASES)('says nothing that is secret, signed or paid: %s', async (_what, name, mistake) => {
    const { delivery, secrets } = inputOf(name, mistake);
    const { sentence, change } = reportOf(await examine(name, mistake), provider(name));

    const said = `${sentence} ${change}`;
    const hidden = [...secrets.map(({ value }) => value), textOf(SECRETS, name), 'evt_1', 'ch_1', 'hush', EURO];
    const signatures = [...delivery.headers].filter(([header]) => /sig/.test(header)).flatMap(([, values]) => values);
    for (const part of [...hidden, ...signatures.map((value) => value.slice(-20))]) expect(said).not.toContain(part);
    expect(sentence).toMatch(/^[A-Z].*\.$/);
    expect(change).not.toMatch(/^[A-Z]|\.$/);
  });

  test.each(WHOLE_BODY)('a genuine delivery of %s is never explained away', async (name) => {
    await fc.assert(
      fc.asyncProperty(fc.json(), fc.constantFrom(NOW, NOW - MINUTE_MS), async (json, signedAt) => {
        const body = `{"type":"a","data":${json}}`;
        expect(await examine(name, { body, signedAt })).toEqual({ outcome: 'genuine', secretId: `${name}#1` });
      }),
    );
  });

  test.each(WHOLE_BODY)('what nobody signed for %s is not explained: nothing known does', async (name) => {
    const forged = createHmac('sha512', 'nobody').update('nothing').digest();
    const signature: Readonly<Record<string, string>> = {
      stripe: `t=${NOW / 1000},v1=${forged.subarray(0, 32).toString('hex')}`,
      paypal: Buffer.concat([forged, forged, forged, forged]).toString('base64'),
      'standard-webhooks': `v1,${forged.subarray(0, 32).toString('base64')}`,
    };
    const value = signature[name] ?? forged.subarray(0, 32).toString('base64');
    await fc.assert(
      fc.asyncProperty(fc.json(), async (body) => {
        const json = JSON.stringify({ ...Object(JSON.parse(body)), zz: 1, aa: 2 });
        expect(await examine(name, { body: json, onTheWay: valued(() => value) })).toMatchObject({
          outcome: 'unexplained',
          isCutShort: false,
        });
      }),
      { numRuns: 10 },
    );
  });

  test('ends at the limit of bytes, and says that it did', async () => {
    const body = JSON.stringify({ list: Array.from({ length: 90_000 }, (_, index) => index) });

    const outcome = await examine('square', { body, signedWith: OTHER });

    expect(outcome).toMatchObject({ outcome: 'unexplained', isCutShort: true });
    expect(reportOf(outcome, provider('square')).sentence).toContain('until the limit of work was reached');
  });

  test('says nothing before the certificate is there', async () => {
    const input = inputOf('paypal', {});
    const certificates = { fetch: async () => ({ outcome: 'unavailable', reason: 'away' }) as const };

    const outcome = await diagnose(
      { provider: provider('paypal'), input: { ...input, certificates }, others: [], mode: undefined },
      doctorOf('paypal'),
    );

    expect(outcome).toEqual({ outcome: 'unavailable' });
  });

  test('tries what all share for a provider that knows nothing of its own mistakes', async () => {
    const input = inputOf('stripe', { onTheWay: bodied((body) => `${body}\n`) });

    expect(await diagnose({ provider: provider('stripe'), input, others: [], mode: undefined })).toMatchObject({
      diagnosis: { kind: 'body_reencoded' },
    });
  });
});
