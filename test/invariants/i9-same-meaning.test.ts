import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { HOMES } from '../contract/homes.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** Ports whose contract is checked elsewhere, and where. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  provider:
    'src/providers and test/providers: every provider has its own scheme; properties.test.ts runs what they share',
  act: 'one implementation, the same in both homes: src/effects/act-on-webhook.test.ts',
  handler: 'the user’s code: test/invariants/i3 and i4 run every way in which it can behave',
  metrics: 'write-only: test/server checks the text that comes out',
};

describe('I9 same meaning in both homes', () => {
  test('every port has one contract suite, and more than one adapter runs it where there is more than one', () => {
    const ports = globSync('src/core/ports/*.ts', { cwd: ROOT }).map((path) => basename(path, '.ts'));
    expect(ports.length).toBeGreaterThan(12);

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
});
