/** What the doctor has found, for people: one sentence of what is wrong, one of what to change. */
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../core/time.ts';
import {
  ENCODING_WORDS,
  HEADER_WORDS,
  LAYOUT_WORDS,
  SECRET_WORDS,
  TEXT_WORDS,
  URL_WORDS,
  WRAPPING_WORDS,
} from './advice-words.ts';
import { type Diagnosis, type DiagnosisKind, type DoctorOutcome, isProven, type Rewriting } from './diagnosis.ts';

/** What is known of the provider that it came to. */
export interface AdviceFacts {
  readonly title: string;
  readonly secretVariable: string;
}

export interface Advice {
  readonly sentence: string;
  /** What to do; empty when there is nothing to. */
  readonly change: string;
}

const signedAs = ({ layout, texts, isReordered }: Rewriting): string => {
  const parts = [
    layout === undefined ? [] : [LAYOUT_WORDS[layout]],
    texts === undefined ? [] : [TEXT_WORDS[texts]],
    isReordered === true ? ['its keys in their own order'] : [],
  ];
  return parts.flat().join(', ');
};

const KEEP_BYTES =
  'let whatever stands before Payhook pass the bytes on as they come: no body parser, no transformation';

const UNITS: readonly (readonly [number, string])[] = [
  [DAY_MS, 'd'],
  [HOUR_MS, 'h'],
  [MINUTE_MS, 'min'],
  [SECOND_MS, 's'],
];

/** The two largest units: `3 d 4 h`. */
const duration = (ms: number): string => {
  let rest = Math.abs(ms);
  const parts: string[] = [];
  for (const [unit, name] of UNITS) {
    const count = Math.floor(rest / unit);
    rest -= count * unit;
    if (count > 0) parts.push(`${count} ${name}`);
  }
  return parts.slice(0, 2).join(' ') || 'less than a second';
};

/** Clocks that take local time for UTC are off by quarters of an hour, at most fourteen hours. */
const isZone = (ms: number): boolean => {
  const off = Math.abs(ms) % (15 * MINUTE_MS);
  const isNear = Math.min(off, 15 * MINUTE_MS - off) < 2 * MINUTE_MS;
  return isNear && Math.abs(ms) >= 29 * MINUTE_MS && Math.abs(ms) <= 14 * HOUR_MS + MINUTE_MS;
};

const ofClock = ({ skewMs }: Extract<Diagnosis, { kind: 'clock_wrong' }>): Advice => {
  const way = skewMs < 0 ? 'before' : 'after';
  const zone = isZone(skewMs) ? '; that looks like a local time taken for UTC' : '';
  return {
    sentence: `The signature is right, but it was made ${duration(skewMs)} ${way} the time at which it is judged${zone}.`,
    change:
      skewMs < 0
        ? 'give a saved delivery its clock; else set the clock of this machine (NTP), or find what holds deliveries back or sends old ones again'
        : 'set the clock of this machine (NTP): it is behind',
  };
};

/** What is said of each. */
const ADVICE: {
  readonly [Kind in DiagnosisKind]: (diagnosis: Extract<Diagnosis, { kind: Kind }>, facts: AdviceFacts) => Advice;
} = {
  clock_wrong: ofClock,
  time_in_milliseconds: ({ header }) => ({
    sentence: `The time in ${header} is in milliseconds, where seconds are meant.`,
    change: 'let the sender sign unix seconds',
  }),
  simulator: (_, { title }) => ({
    sentence: `It comes from the simulator of ${title}, whose signature anybody can obtain.`,
    change: 'allow the simulator in a test configuration, never in mode live',
  }),
  secret_of_other_provider: (diagnosis, { secretVariable }) => ({
    sentence: `It is signed with ${diagnosis.secretId}, which is configured for ${diagnosis.title}.`,
    change: `move that secret to ${secretVariable}`,
  }),
  secret_not_in_use: (diagnosis, { secretVariable }) => ({
    sentence: `It is signed with ${diagnosis.secretId}, a secret of ours that it is not judged with here.`,
    change: `add that secret to ${secretVariable}, or send to the endpoint that has it`,
  }),
  secret_damaged: (diagnosis, { title, secretVariable }) =>
    diagnosis.how === 'key_as_text'
      ? {
          sentence: `It is signed with ${diagnosis.secretId}, but that ${SECRET_WORDS[diagnosis.how]}.`,
          change: 'let the sender decode the secret after whsec_ from base64 before it signs',
        }
      : {
          sentence: `The secret ${diagnosis.secretId} is not as ${title} gave it: it ${SECRET_WORDS[diagnosis.how]}.`,
          change: `copy the secret into ${secretVariable} again, without anything around it`,
        },
  secret_cut: (diagnosis, { title, secretVariable }) => ({
    sentence: `Nothing that was tried verifies it; the secret ${diagnosis.secretId} is shorter than those of ${title}.`,
    change: `copy the whole secret into ${secretVariable} again`,
  }),
  mode_mixed: (diagnosis) => ({
    sentence: `Nothing that was tried verifies it; it says that it is of mode ${diagnosis.said}, and the mode here is ${diagnosis.configured}.`,
    change: `send it to the endpoint of mode ${diagnosis.said}, or configure the secret of that mode there`,
  }),
  sent_to_other_provider: (diagnosis, { title }) => ({
    sentence: `It is a genuine delivery of ${diagnosis.title} that was sent to the address for ${title}.`,
    change: `register …/webhook/${diagnosis.name} with ${diagnosis.title}`,
  }),
  signed_for_other_endpoint: (_, { title, secretVariable }) => ({
    sentence: `${title} did sign it, but for another webhook than those in ${secretVariable}, or its body was changed in a way that is not known.`,
    change: `put the id of the webhook that has this address, in the app and environment that sends, into ${secretVariable}`,
  }),
  header_missing: (diagnosis, { title }) => ({
    sentence: `There is no header ${diagnosis.header}: it was taken away before it came here, or this is no delivery of ${title}.`,
    change: `let proxies and gateways pass ${diagnosis.header} on`,
  }),
  header_renamed: (diagnosis) => ({
    sentence: `The header ${diagnosis.header} comes under the name ${diagnosis.found}.`,
    change: `pass it on under its own name: ${diagnosis.header}`,
  }),
  header_damaged: (diagnosis) => ({
    sentence: `The header ${diagnosis.header} was changed on the way: it ${HEADER_WORDS[diagnosis.how]}.`,
    change: 'pass headers on as they come',
  }),
  header_unreadable: (diagnosis, { title }) => ({
    sentence: `What stands in the header ${diagnosis.header}, or in those beside it, is not as ${title} writes it.`,
    change: `pass headers on as they come; if they are, this is no delivery of ${title}`,
  }),
  signature_not_switched_on: (_, { title, secretVariable }) => ({
    sentence: `There is no signature in it: ${title} was not told to sign.`,
    change: `generate a key for this webhook at ${title}, and put it into ${secretVariable}`,
  }),
  scheme_not_supported: (_, { title }) => ({
    sentence: 'It is signed by a scheme that is not accepted here, because it is old, unsafe or unknown.',
    change: `switch the webhook to the present scheme of ${title}`,
  }),
  body_rewritten: (diagnosis) => ({
    sentence: `The body was read and written anew on the way; it was signed ${signedAs(diagnosis.signed)}.`,
    change: KEEP_BYTES,
  }),
  body_reencoded: (diagnosis) => ({
    sentence: `The body was changed on the way: ${ENCODING_WORDS[diagnosis.how]}.`,
    change: KEEP_BYTES,
  }),
  body_compressed: (diagnosis) => ({
    sentence: `The body came compressed (${diagnosis.coding}), and was signed as it was before.`,
    change: 'let the proxy that compresses requests leave these alone, or decompress them again',
  }),
  body_wrapped: (diagnosis) => ({ sentence: `The body came ${WRAPPING_WORDS[diagnosis.how]}.`, change: KEEP_BYTES }),
  body_empty: () => ({
    sentence: 'The body is empty: something before has read it and not passed it on.',
    change: KEEP_BYTES,
  }),
  body_cut: () => ({
    sentence: 'Nothing that was tried verifies it; the body ends in the middle.',
    change: 'raise the limit of the proxy or log that cuts bodies, or save it whole',
  }),
  body_length_differs: () => ({
    sentence: 'Nothing that was tried verifies it; the body has another length than its header Content-Length says.',
    change: KEEP_BYTES,
  }),
  body_characters_lost: () => ({
    sentence:
      'Nothing that was tried verifies it; characters of the body are lost (U+FFFD), so it was read in a wrong encoding.',
    change: KEEP_BYTES,
  }),
  body_keys_sorted: (_, { title }) => ({
    sentence: `Nothing that was tried verifies it; all keys of the body stand in the order of the alphabet, which ${title} does not write.`,
    change: KEEP_BYTES,
  }),
  body_not_expected: (_, { title }) => ({
    sentence: `Nothing that was tried verifies it; the body is not of the shape that ${title} signs.`,
    change: KEEP_BYTES,
  }),
  url_other: (diagnosis, { title }) => ({
    sentence: `It was signed for ${diagnosis.url}, which differs from the configured address in ${diagnosis.parts.map((part) => URL_WORDS[part]).join(' and ')}.`,
    change: `configure the address exactly as it is registered with ${title}`,
  }),
  certificate_chain_missing: () => ({
    sentence: 'The signature is right, but the chain of its certificate does not end in a root that is trusted here.',
    change: 'add the intermediate certificates and the root, or trust certificates by their host',
  }),
  certificate_not_trusted: (_, { title }) => ({
    sentence: `The certificate that it names is not one that ${title} signs with now: it is forged, or very old.`,
    change: 'nothing, unless you know that it is genuine: then check the clock and the trusted roots',
  }),
};

const ofDiagnosis = <Kind extends DiagnosisKind>(
  diagnosis: Extract<Diagnosis, { kind: Kind }>,
  facts: AdviceFacts,
): Advice => ADVICE[diagnosis.kind as Kind](diagnosis, facts);

const ofOutcome = (outcome: DoctorOutcome, facts: AdviceFacts): Advice => {
  switch (outcome.outcome) {
    case 'genuine':
      return { sentence: `It is genuine: ${outcome.secretId} verifies it.`, change: '' };
    case 'explained':
      return ofDiagnosis(outcome.diagnosis, facts);
    case 'unexplained':
      return {
        sentence: `Nothing known explains it: ${outcome.tries} things that go wrong were tried${outcome.isCutShort ? ', until the limit of work was reached' : ''}.`,
        change: `it may be forged, signed with a secret that is not configured, or changed in a way that cannot be undone; send one from ${facts.title} again and save it as close to the edge as possible`,
      };
    case 'unavailable':
      return {
        sentence: 'Nothing can be said before the certificate that it names is there.',
        change: 'add the certificate to the file, or try again later',
      };
    default:
      return outcome satisfies never;
  }
};

export interface DoctorReport extends Advice {
  readonly outcome: DoctorOutcome['outcome'];
  readonly diagnosis: Diagnosis['kind'] | null;
  /** False for what only looks so. */
  readonly isProven: boolean;
}

export const reportOf = (outcome: DoctorOutcome, facts: AdviceFacts): DoctorReport => ({
  outcome: outcome.outcome,
  diagnosis: outcome.outcome === 'explained' ? outcome.diagnosis.kind : null,
  isProven: outcome.outcome === 'explained' ? isProven(outcome.diagnosis) : outcome.outcome === 'genuine',
  ...ofOutcome(outcome, facts),
});
