/**
 * `node bench/make-event-dictionary.ts <number>`: writes `src/adapters/aws/payments/event-dictionary-<number>.ts`, what events of
 * payments are compressed with on AWS, out of the events of whole lives at three providers. A dictionary that was released is
 * never written again: payments that were stored with it are read with nothing else.
 */
import { createHash } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { paymentEventsToJson } from '../src/payments/event-json.ts';
import { createPaymentMapping } from '../src/payments/map-webhook.ts';
import { MAPPINGS } from '../src/providers/mappings.ts';
import { createLives } from './payment-costs.ts';

/** Of all kinds of the scenario several times: what is random in one stands differently in another. */
const LIVES = 28;
const LINE_CHARS = 110;
/** Ids and amounts of one payment help no other; what is before them does. */
const RANDOM = /(?<=[_"])(?=[^"]*\d)[0-9A-Za-z]{12,}(?=")|(?<=evt_|"WH-)[^"]+|(?<="minor":")\d+|(?<=:17)\d+/g;

/** Half of it saves a tenth less; nothing is gained by twice of it. */
const DICTIONARY_BYTES_MAX = 16 * 1024;

const mapping = createPaymentMapping(MAPPINGS, () => undefined);
const events = createLives(LIVES)
  .flat()
  .flatMap(({ webhook, json }) => {
    const mapped = mapping.map(webhook, json);
    return mapped.outcome === 'events' ? mapped.events : [];
  });
// The likeliest last, where it is nearest.
const dictionary = Buffer.from(
  [...Map.groupBy(events, ({ provider, providerType }) => `${provider} ${providerType}`).values()]
    .sort((a, b) => a.length - b.length)
    .map((alike) => paymentEventsToJson(alike.slice(0, 1)).slice(1, -1).replace(RANDOM, ''))
    .join(','),
).subarray(-DICTIONARY_BYTES_MAX);

const number = Number(process.argv[2]);
if (!Number.isInteger(number) || number < 1 || number > 255) throw new RangeError('which dictionary? 1 to 255');
const path = join(import.meta.dirname, '..', 'src', 'adapters', 'aws', 'payments', `event-dictionary-${number}.ts`);
if (existsSync(path)) throw new Error(`${path} is there already: what was stored with it is read with nothing else`);
const base64 = deflateRawSync(dictionary, { level: 9 }).toString('base64');
const lines = base64.match(new RegExp(`.{1,${LINE_CHARS}}`, 'g')) ?? [];
writeFileSync(
  path,
  `/** Written by bench/make-event-dictionary.ts, never by hand and never again: ${dictionary.length} bytes, compressed. */
export const EVENT_DICTIONARY_${number}: readonly string[] = [
${lines.map((line) => `  '${line}',`).join('\n')}
];
`,
);
process.stdout.write(
  `${path}: ${dictionary.length} bytes, SHA-256 ${createHash('sha256').update(dictionary).digest('hex')}\n`,
);
