/** `docs/reference/payment-event.schema.json`: what a destination gets, as JSON Schema, out of the types and their docstrings. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PAYMENT_NAME_KINDS, RELATED_KINDS } from '../../src/payments/event-source.ts';
import { PAYMENT_EVENT_TYPES } from '../../src/payments/payment-event-types.ts';
import { type Field, interfaceOf, unionMembers } from './docstrings.ts';
import { GROUPS, type Group } from './event-groups.ts';

const read = (path: string): string => readFileSync(join(import.meta.dirname, '..', '..', 'src', path), 'utf8');

const SOURCES = {
  EventSource: 'payments/event-source.ts',
  AboutPayment: 'payments/payment-event.ts',
  OfSubject: 'payments/subject-event.ts',
} as const;

const MONEY = { $ref: '#/$defs/money' };
const TEXT = { type: 'string' };
const WHOLE = { type: 'integer' };
const RELATED = {
  type: 'object',
  properties: Object.fromEntries(RELATED_KINDS.map((kind) => [kind, TEXT])),
  additionalProperties: false,
};
const NAME = {
  type: 'object',
  required: ['kind', 'id'],
  properties: { kind: { enum: PAYMENT_NAME_KINDS }, id: TEXT },
  additionalProperties: false,
};

/** What stands in the types, as it is written there. `T` is the event's own type. */
const KINDS: Readonly<Record<string, object>> = {
  string: TEXT,
  boolean: { type: 'boolean' },
  number: WHOLE,
  EpochMs: { ...WHOLE, description: 'Milliseconds since 1970, UTC.' },
  Money: MONEY,
  'AmountOf<T>': { anyOf: [MONEY, { type: 'null' }] },
  RelatedIds: RELATED,
  'readonly string[]': { type: 'array', items: TEXT },
  'readonly PaymentName[]': { type: 'array', items: NAME },
  Mode: { enum: ['live', 'test', 'unknown'] },
  DisputeOutcome: { enum: ['won', 'lost', 'closed'] },
  OrderingHint: { type: 'object' },
  null: { type: 'null' },
};

const schemaOf = (type: string, source: string): object => {
  const known = KINDS[type];
  if (known !== undefined) return known;
  const parts = type.split(' | ');
  if (parts.length > 1) return { anyOf: parts.map((part) => schemaOf(part, source)) };
  if (/^'[^']*'$/.test(type)) return { const: type.slice(1, -1) };
  if (source.includes(`export type ${type} =`)) return { enum: unionMembers(source, type).map(({ name }) => name) };
  throw new Error(`no JSON Schema for the type ${type}`);
};

const withDoc = (schema: object, doc: string): object => (doc === '' ? schema : { ...schema, description: doc });

const fieldsOf = (source: string, name: string): readonly { readonly field: Field; readonly source: string }[] => {
  const bases = new RegExp(`interface ${name}\\b[^{]*extends ([^{]+)\\{`).exec(source)?.[1]?.split(',') ?? [];
  const inherited = bases.flatMap((base) => {
    const path = SOURCES[base.trim() as keyof typeof SOURCES];
    return fieldsOf(read(path), base.trim());
  });
  return [...inherited, ...interfaceOf(source, name).fields.map((field) => ({ field, source }))];
};

/** Fields of Payhook's own past releases may be missing in a message; nothing else may be there. */
const dataOf = (group: Group): object => {
  const subjects = read('payments/subject-event.ts');
  const source = subjects.includes(`interface ${group.interfaceName}`) ? subjects : read('payments/payment-event.ts');
  const types = group.types.includes('.') ? [group.types] : unionMembers(source, group.types).map(({ name }) => name);
  const fields = fieldsOf(source, group.interfaceName).filter(({ field }) => field.name !== 'type');
  return {
    title: group.interfaceName,
    type: 'object',
    required: ['type', 'news', ...fields.map(({ field }) => field.name)],
    properties: {
      type: { enum: types },
      news: { enum: ['news', 'repeated', 'stale'] },
      ...Object.fromEntries(
        fields.map(({ field, source: from }) => [field.name, withDoc(schemaOf(field.type, from), field.doc)]),
      ),
    },
  };
};

export const eventSchema = () => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'A message to a destination',
  description: 'A payment event with all its fields. Signed as Standard Webhooks.',
  type: 'object',
  required: ['type', 'timestamp', 'data'],
  properties: {
    type: { enum: PAYMENT_EVENT_TYPES },
    timestamp: {
      type: 'string',
      format: 'date-time',
      description: 'When it happened; when it came, where the provider does not say.',
    },
    data: { anyOf: GROUPS.map((group) => ({ $ref: `#/$defs/${group.interfaceName}` })) },
  },
  $defs: {
    money: {
      type: 'object',
      required: ['minor', 'currency', 'exponent'],
      properties: {
        minor: {
          type: 'string',
          pattern: '^-?[0-9]+$',
          description: 'In the smallest unit, as text: JSON numbers end at 2^53.',
        },
        currency: { type: 'string', pattern: '^[A-Z0-9]+$' },
        exponent: { type: 'integer', minimum: 0, description: 'Decimals of the smallest unit at this provider.' },
      },
      additionalProperties: false,
    },
    ...Object.fromEntries(GROUPS.map((group) => [group.interfaceName, dataOf(group)])),
  },
});

export const eventSchemaPage = (): string => `${JSON.stringify(eventSchema(), null, 2)}\n`;
