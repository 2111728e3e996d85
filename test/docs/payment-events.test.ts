import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { arrayMembers, interfaceOf, unionMembers } from '../../docs/generator/docstrings.ts';
import { paymentEventsPage } from '../../docs/generator/payment-events-page.ts';
import { PAYMENT_EVENT_TYPES } from '../../src/payments/payment-event-types.ts';
import { MAPPINGS } from '../../src/providers/mappings.ts';

const PAGE = join(import.meta.dirname, '..', '..', 'docs', 'payment-events.md');

describe('docs/payment-events.md', () => {
  test('is what the types and the mapping tables say', () => {
    const isUpToDate = readFileSync(PAGE, 'utf8') === paymentEventsPage();
    expect(isUpToDate, 'docs/payment-events.md is out of date: run npm run docs, and commit the page').toBe(true);
  });

  test('names every type of event and every type of the providers', () => {
    const page = readFileSync(PAGE, 'utf8');
    const providerTypes = MAPPINGS.flatMap(({ rows }) => rows.map(({ providerType }) => providerType));
    expect([...PAYMENT_EVENT_TYPES, ...providerTypes].filter((type) => !page.includes(`\`${type}\``))).toEqual([]);
  });
});

describe('reading docstrings', () => {
  test('of a union, on many lines or on one', () => {
    expect(unionMembers("export type A =\n  /** One. */\n  | 'x.a'\n  | 'x.b';\n", 'A')).toEqual([
      { name: 'x.a', doc: 'One.' },
      { name: 'x.b', doc: '' },
    ]);
    expect(unionMembers("export type A = 'a' | 'b';", 'A').map(({ name }) => name)).toEqual(['a', 'b']);
  });

  test('of a list', () => {
    expect(arrayMembers("export const A = [\n  /** One. */\n  'a',\n  'b',\n] as const;", 'A')).toEqual([
      { name: 'a', doc: 'One.' },
      { name: 'b', doc: '' },
    ]);
  });

  test('of an interface, over several lines and with what it extends', () => {
    const source =
      '/** Before. */\nexport type Z = 1;\n/**\n * A thing;\n * really.\n */\nexport interface A<T = X> extends B {\n  readonly type: T;\n  /** Two\n   * lines. */\n  readonly b: string | null;\n}\n';
    expect(interfaceOf(source, 'A')).toEqual({
      doc: 'A thing; really.',
      fields: [
        { name: 'type', type: 'T', doc: '' },
        { name: 'b', type: 'string | null', doc: 'Two lines.' },
      ],
    });
  });

  test('what cannot be read is an error, not a missing line', () => {
    expect(() => unionMembers("export type A = 'a' | B | 'c';", 'A')).toThrow('cannot read');
    expect(() => interfaceOf('export interface A {\n  readonly a(): void;\n}', 'A')).toThrow('cannot read');
    expect(() => interfaceOf('', 'A')).toThrow('no interface A');
  });
});
