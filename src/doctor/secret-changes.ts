/** Other secrets of ours, and what happens to one between the provider's page and our configuration, undone. */
import type { Secret } from '../core/ports/secret-source.ts';
import type { SecretDamage } from './diagnosis.ts';
import type { DoctorCase, ProviderDoctor, WhatIf } from './what-if.ts';

type Form = readonly [SecretDamage, string];

const QUOTES = /^[\\"'`“”‘’]+|[\\"'`“”‘’]+$/g;
/** White space, and what looks like none at all: copied along from web pages. */
const BLANKS = /[\s\u00ad\u200b-\u200f\u2060\ufeff]+/g;
const PRINTABLE_TEXT = /^[\x21-\x7e]+$/;

const percentDecoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

const textsInJson = (text: string): readonly string[] => {
  try {
    const value: unknown = JSON.parse(text);
    const values = typeof value === 'object' && value !== null ? Object.values(value) : [value];
    return values.filter((one) => typeof one === 'string').slice(0, PARTS_MAX);
  } catch {
    return [];
  }
};

const PARTS_MAX = 10;

const decoded = (text: string): readonly string[] => {
  const inner = Buffer.from(text, 'base64').toString('latin1').trim();
  return PRINTABLE_TEXT.test(inner) ? [inner] : [];
};

const prefixForms = (text: string, prefix: string | undefined): readonly Form[] => {
  if (prefix === undefined) return [];
  if (!text.startsWith(prefix)) return [['prefix_missing', `${prefix}${text}`]];
  return text.startsWith(prefix.repeat(2)) ? [['prefix_added', text.slice(prefix.length)]] : [];
};

/** Readings of one secret's text. None of them is the text itself. */
const formsOf = (text: string, doctor: ProviderDoctor): readonly Form[] => {
  const forms: readonly Form[] = [
    ['quoted', text.trim().replace(QUOTES, '')],
    ['white_space', text.replace(BLANKS, '')],
    ['escaped', text.replace(/(?:\\[rnt])+$/, '')],
    ['escaped', percentDecoded(text)],
    ['prefix_added', text.replace(/^(?:live|test):/, '')],
    ['prefix_added', text.replace(/^(?:export\s+)?[A-Za-z][A-Za-z0-9_]*\s*[=:]\s*/, '')],
    ...prefixForms(text.trim(), doctor.secretPrefix),
    ...text.split(/[;,|\s]+/, PARTS_MAX).map((part): Form => ['joined', part]),
    ...textsInJson(text).map((part): Form => ['wrapped_in_json', part]),
    ...decoded(text).map((part): Form => ['encoded_in_base64', part]),
    ['letter_case', text.toUpperCase()],
    ['letter_case', text.toLowerCase()],
    ...(doctor.secretForms?.(text) ?? []),
  ];
  return forms.filter(([, form]) => form !== '' && form !== text);
};

interface Candidate {
  readonly value: string;
  readonly how: SecretDamage;
  readonly secretId: string;
}

const candidatesOf = (secrets: readonly Secret[], doctor: ProviderDoctor): readonly Candidate[] =>
  secrets.flatMap(({ id, value }) => formsOf(value, doctor).map(([how, form]) => ({ value: form, how, secretId: id })));

/** Tried together in one judgement: each reads the body once. */
const TOGETHER = 32;

function* damagedSecrets({ input }: DoctorCase, doctor: ProviderDoctor): Generator<WhatIf> {
  const candidates = candidatesOf(input.secrets, doctor);
  for (let from = 0; from < candidates.length; from += TOGETHER) {
    const some = candidates.slice(from, from + TOGETHER);
    const byId = new Map(some.map((one, index) => [String(index), one]));
    yield {
      input: { ...input, secrets: some.map(({ value }, index) => ({ id: String(index), value })) },
      diagnosis: (id) => {
        const { how = 'quoted', secretId = '' } = byId.get(id) ?? {};
        return { kind: 'secret_damaged', secretId, how };
      },
    };
  }
}

export function* secretChanges(doctorCase: DoctorCase, doctor: ProviderDoctor): Generator<WhatIf> {
  const { input, provider, others } = doctorCase;
  for (const other of others) {
    if (other.secrets.length === 0) continue;
    const isOwn = other.provider.name === provider.name;
    yield {
      input: { ...input, secrets: other.secrets },
      diagnosis: (secretId) =>
        isOwn
          ? { kind: 'secret_not_in_use', secretId }
          : { kind: 'secret_of_other_provider', title: other.provider.title, secretId },
    };
  }
  yield* damagedSecrets(doctorCase, doctor);
}
