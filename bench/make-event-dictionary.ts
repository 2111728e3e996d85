/**
 * `node bench/make-event-dictionary.ts <number>`: writes `src/adapters/aws/payments/event-dictionary-<number>.ts`, what events of
 * payments are compressed with on AWS, out of the events of whole lives at three providers. A dictionary that was released is
 * never written again: payments that were stored with it are read with nothing else.
 */
import { paymentEventsToJson } from '../src/payments/event-json.ts';
import { createPaymentMapping } from '../src/payments/map-webhook.ts';
import { MAPPINGS } from '../src/providers/mappings.ts';
import { createLives } from './payment-costs.ts';
import { writeDictionary } from './write-dictionary.ts';

/** Of all kinds of the scenario several times: what is random in one stands differently in another. */
const LIVES = 28;
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

writeDictionary('src/adapters/aws/payments', 'event', Number(process.argv[2]), dictionary);
