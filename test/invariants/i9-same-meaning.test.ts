import { globSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { AWS_ADAPTERS } from '../aws/contract/adapters.ts';
import { ADAPTERS } from '../contract/adapters.ts';
import { HOMES } from '../contract/homes.ts';

const ROOT = join(import.meta.dirname, '../..');

/** Ports that stand beside what they are about. */
const PORTS_BESIDE_CORE = [
  'src/audit/audit-log.ts',
  'src/audit/digest-anchor.ts',
  'src/audit/digest-signer.ts',
  'src/destinations/destination-queue.ts',
  'src/jobs/job-store.ts',
  'src/payments/payment-store.ts',
];

/** What has to outlive a process: a home that keeps one of these keeps all. */
const KEPT = ['audit-log', 'destination-queue', 'job-store', 'payment-store', 'queue', 'webhook-store'] as const;

/** Ports whose contract is checked elsewhere, and where. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'call-api': 'test/contract/provider-events.test.ts runs its suite over the only adapter',
  provider:
    'src/providers and test/providers: every provider has its own scheme; properties.test.ts runs what they share',
};

/** Ports that no service of AWS stands behind, and why. */
const WITHOUT_AWS: Readonly<Record<string, string>> = {
  alerts: 'SNS with a client that a test answers for, in the list of the other adapters',
  'certificate-source': 'the same adapter in both homes',
  clock: 'the same adapter in both homes',
  'destination-queue': 'Lambda claims and settles: test/aws/contract/sqs-destinations.test.ts has what is left',
  logger: 'standard output, in the list of the other adapters',
  metrics: 'lines on standard output, in the list of the other adapters',
  'provider-endpoints': 'asked over HTTP in both homes',
  'provider-events': 'asked over HTTP in both homes',
  'provider-objects': 'asked over HTTP in both homes',
  randomness: 'the same adapter in both homes',
};

const filesOf = (pattern: string): readonly string[] =>
  globSync(pattern, { cwd: ROOT }).map((path) => basename(path, '.ts'));

const ports = [...filesOf('src/core/ports/*.ts'), ...PORTS_BESIDE_CORE.flatMap(filesOf)];
const withSuite = Object.keys(ADAPTERS);
const namesOf = (adapters: readonly { readonly name: string }[]): readonly string[] => adapters.map(({ name }) => name);

describe('I9 same meaning in both homes', () => {
  test('every port has a suite, and every suite a port', () => {
    expect(ports.length).toBeGreaterThan(14);

    expect([...withSuite, ...Object.keys(ELSEWHERE)].toSorted()).toEqual(ports.toSorted());
    expect(filesOf('test/contract/*-contract.ts')).toEqual(
      expect.arrayContaining(withSuite.map((port) => `${port}-contract`)),
    );
  });

  test.each(Object.entries(ADAPTERS))(
    'the suite of %s runs against adapters with names of their own',
    (_, adapters) => {
      expect(adapters.length).toBeGreaterThan(0);
      expect(new Set(namesOf(adapters)).size).toBe(adapters.length);
    },
  );

  test.each(KEPT)('every home that keeps state runs the suite of %s', (port) => {
    expect(HOMES.length).toBeGreaterThan(2);

    expect(namesOf(ADAPTERS[port])).toEqual(namesOf(HOMES));
  });

  test('AWS runs the suite of every port that a service of its own stands behind', () => {
    expect([...Object.keys(AWS_ADAPTERS), ...Object.keys(WITHOUT_AWS)].toSorted()).toEqual(withSuite.toSorted());
  });

  test('DynamoDB runs the suites of what is stored, and SQS that of the queue', () => {
    const names = KEPT.map((port) => [port, AWS_ADAPTERS[port]?.name]);

    expect(Object.fromEntries(names)).toEqual({
      'audit-log': 'DynamoDB',
      'destination-queue': undefined,
      'job-store': 'DynamoDB',
      'payment-store': 'DynamoDB',
      queue: 'SQS',
      'webhook-store': 'DynamoDB',
    });
  });
});
