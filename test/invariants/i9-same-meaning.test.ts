import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { HOMES } from '../contract/homes.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** Ports whose contract is checked elsewhere, and where. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  provider:
    'src/providers and test/providers: every provider has its own scheme; properties.test.ts runs what they share',
  act: 'one implementation, the same in both homes: src/process/act-on-webhook.test.ts',
  handler: 'the user’s code: test/invariants/i3 and i4 run every way in which it can behave',
  metrics: 'write-only: test/server checks the text that comes out',
};

/** Ports that stand beside what they are about. */
const PORTS_OF_A_LOCAL_HOME = ['src/payments/payment-store.ts', 'src/destinations/destination-queue.ts'];
const PORTS_BESIDE_CORE = [
  ...PORTS_OF_A_LOCAL_HOME,
  'src/audit/audit-log.ts',
  'src/audit/digest-anchor.ts',
  'src/audit/digest-signer.ts',
];

describe('I9 same meaning in both homes', () => {
  test('every port has one contract suite, and more than one adapter runs it where there is more than one', () => {
    const ports = [...globSync('src/core/ports/*.ts', { cwd: ROOT }), ...PORTS_BESIDE_CORE].map((path) =>
      basename(path, '.ts'),
    );
    expect(ports.length).toBeGreaterThan(14);

    const missing = ports.filter(
      (port) =>
        ELSEWHERE[port] === undefined && globSync(`test/contract/${port}-contract.ts`, { cwd: ROOT }).length === 0,
    );

    expect(missing).toEqual([]);
  });

  test.each(['webhook-store', 'queue', 'audit-log'])('every home that keeps state runs the %s suite', (port) => {
    expect(HOMES.length).toBeGreaterThan(2);
    expect(read(`test/contract/${port}.test.ts`)).toContain('of HOMES)');
  });

  test.each(PORTS_OF_A_LOCAL_HOME)('every local home runs the suite of %s', (path) => {
    expect(existsSync(join(ROOT, path))).toBe(true);
    const suite = read(`test/contract/${basename(path, '.ts')}.test.ts`);

    for (const { name } of HOMES) expect(suite).toMatch(new RegExp(`\\bdescribe\\w+\\(\\s*'${name}',`));
  });

  test('DynamoDB runs the suite of the payment store', () => {
    expect(read('test/aws/contract/payment-store-contract.test.ts')).toContain("describePaymentStore('dynamodb',");
  });
});
