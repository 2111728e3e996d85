/** The generated pages are those that the code makes now, and say what the code does. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { nestedDocs } from '../../docs/generator/nested-docs.ts';
import { PAGES } from '../../docs/generator/pages.ts';
import { environmentSchemaOf } from '../../src/config/environment.ts';
import type { DestinationMessage } from '../../src/destinations/destination.ts';
import { messageOf } from '../../src/destinations/message.ts';
import { readExactJson } from '../../src/payments/exact-json.ts';
import { PAYMENT_EVENT_TYPES } from '../../src/payments/payment-event-types.ts';
import { MAPPINGS } from '../../src/providers/mappings.ts';
import { providerNamed } from '../../src/providers/providers.ts';
import { CONFIGURABLE_PROVIDERS } from '../../src/providers/settings.ts';
import { sampleBody, samplesOf } from '../../src/samples/samples.ts';
import { paymentMapping } from '../payments/webhooks.ts';
import { seededInput } from '../support/sample-input.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const reference = (name: string): string => read(join('docs', 'reference', name));

/** What a destination gets of a body; nothing of one that says its meaning in headers or in none of its fields. */
const messagesOf = (name: string, body: Uint8Array): readonly DestinationMessage[] => {
  const verified = { outcome: 'verified', secretId: 'test', isSimulated: false, transmission: null } as const;
  const parsed = providerNamed(name)?.parse(
    { body, headers: new Map(), method: 'POST', query: '', publicUrl: null },
    verified,
  );
  return parsed?.outcome !== 'parsed'
    ? []
    : parsed.events.flatMap((event) => {
        const read = readExactJson(event.payload ?? body);
        if (read.outcome !== 'read') return [];
        const webhook = {
          ...event,
          webhookId: `${name}:${event.dedupeKey}`,
          provider: name,
          timestamp: event.eventAt ?? 0,
        };
        const mapped = paymentMapping.map(webhook, read.value);
        return mapped.outcome === 'events'
          ? mapped.events.map((one) => messageOf(one, { receivedAt: 0, news: 'news' }))
          : [];
      });
};

test.each(PAGES)('$path is what the code says', ({ path, text }) => {
  const isUpToDate = read(path) === text();
  expect(isUpToDate, `${path} is out of date: run npm run docs, and commit the page`).toBe(true);
});

describe('the reference', () => {
  test('has every variable of the environment', () => {
    const names = Object.keys(environmentSchemaOf(CONFIGURABLE_PROVIDERS).shape);
    expect(names.length).toBeGreaterThan(10);
    expect(names.filter((name) => !reference('environment.md').includes(`\`${name}\``))).toEqual([]);
  });

  test('has commands below commands, settings below settings, and routes', () => {
    expect(reference('cli.md')).toContain('## payhook webhooks list');
    expect(reference('cli.md')).toContain('`--forward <url>`');
    for (const setting of ['edge.host', 'aws.reservedConcurrency.receiver', 'destinations.<name>.kind']) {
      expect(reference('configuration.md')).toContain(`| \`${setting}\``);
    }
    const { openapi, paths } = JSON.parse(reference('openapi.json'));
    expect([openapi, Object.keys(paths)]).toEqual(['3.1.0', ['/webhook/{provider}', '/health', '/ready', '/metrics']]);
    expect(Object.keys(paths['/webhook/{provider}'].post.responses)).toEqual([
      '200',
      '400',
      '401',
      '404',
      '405',
      '413',
      '429',
      '503',
    ]);
  });

  test('describes every message that the samples of all providers become, and refuses another', () => {
    const schema = z.fromJSONSchema(JSON.parse(reference('payment-event.schema.json')));
    const messages = MAPPINGS.flatMap(({ provider }) =>
      samplesOf(provider).flatMap((sample) =>
        messagesOf(provider, sampleBody(provider, sample, seededInput(provider))),
      ),
    );
    expect(messages.length).toBeGreaterThan(40);
    for (const { type, body } of messages) {
      const parsed = schema.safeParse(JSON.parse(body));
      expect([type, parsed.success ? [] : parsed.error.issues]).toEqual([type, []]);
    }
    const [{ body } = { body: '{}' }] = messages;
    const message = JSON.parse(body);
    expect(schema.safeParse({ ...message, data: { ...message.data, webhookId: 7 } }).success).toBe(false);
    expect(schema.safeParse({ ...message, type: 'payment.suceeded' }).success).toBe(false);
  });

  test('knows every type of event', () => {
    const { properties, $defs } = JSON.parse(reference('payment-event.schema.json'));
    const groups = Object.values($defs).flatMap(
      (one) => (one as { properties: { type?: { enum: string[] } } }).properties.type?.enum ?? [],
    );
    expect([...properties.type.enum].sort()).toEqual([...PAYMENT_EVENT_TYPES].sort());
    expect([...groups].sort()).toEqual([...PAYMENT_EVENT_TYPES].sort());
  });
});

describe('reading docstrings of nested fields', () => {
  test('gives each by its path, and the first of two', () => {
    const source = [
      'export interface A {',
      '  /** One. @default 1 */',
      '  readonly one?: number;',
      '  readonly two?: {',
      '    /**',
      '     * Deep,',
      '     * really.',
      '     */',
      '    readonly three: string;',
      '  };',
      '  readonly silent: 1;',
      '}',
      'interface B {',
      '  /** Another. */',
      '  readonly one: string;',
      '}',
    ].join('\n');
    expect([...nestedDocs(source)]).toEqual([
      ['one', 'One. @default 1'],
      ['two.three', 'Deep, really.'],
    ]);
  });
});
