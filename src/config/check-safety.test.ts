import { describe, expect, test } from 'vitest';
import { checkSharedSecrets, checkTls } from './check-safety.ts';
import type { ConfigProblem } from './config-problem.ts';

const secret = (byte: number): string => `whsec_${Buffer.alloc(25, byte).toString('base64')}`;

describe('checkSharedSecrets', () => {
  const problemsOf = (provider: readonly string[], destination: readonly string[]): readonly ConfigProblem[] => {
    const problems: ConfigProblem[] = [];
    const providers = [{ name: 'standard-webhooks', variable: 'PAYHOOK_STANDARD_WEBHOOKS_SECRETS', secrets: provider }];
    checkSharedSecrets(providers, new Map([['ledger', destination]]), problems);
    return problems;
  };

  test.each([
    ['the same', [secret(1)], [secret(1)]],
    ['the same without its padding', [secret(1).replaceAll('=', '')], [secret(1)]],
    ['one of several', [secret(1), secret(2)], [secret(3), secret(2)]],
    ['the same behind the name of a sender', [`shop:${secret(1)}`], [secret(1)]],
    ['the same with space around it', [` ${secret(1)} `], [secret(1)]],
  ])('says which two have %s, and does not show it', (_what, provider, destination) => {
    const [problem, ...more] = problemsOf(provider, destination);

    expect(problem?.found).toBe('one secret for both the provider standard-webhooks and the destination ledger');
    expect(problem?.where).toContain('PAYHOOK_STANDARD_WEBHOOKS_SECRETS and PAYHOOK_DESTINATION_SECRETS');
    expect([more, JSON.stringify(problem).includes('whsec_')]).toEqual([[], false]);
  });

  test.each([
    ['others', [secret(1)], [secret(2)]],
    ['none', [], [secret(2)]],
    ['none that goes out', [secret(1)], []],
    ['one of another form', ['0'.repeat(64)], [secret(1)]],
  ])('finds no fault with %s', (_what, provider, destination) => {
    expect(problemsOf(provider, destination)).toEqual([]);
  });
});

describe('checkTls', () => {
  const check = (value: string | undefined, mode: 'live' | 'test' | undefined, home: 'local' | 'aws') => {
    const problems: ConfigProblem[] = [];
    const warnings = checkTls({ NODE_TLS_REJECT_UNAUTHORIZED: value }, { mode, home }, problems);
    return [problems.length, warnings.length];
  };

  test.each([
    ['live', 'local'],
    ['live', 'aws'],
    ['test', 'aws'],
    [undefined, 'aws'],
  ] as const)('takes no certificates that nobody checked in mode %s in the home %s', (mode, home) => {
    expect(check('0', mode, home)).toEqual([1, 0]);
  });

  test.each(['test', undefined] as const)('warns of them in mode %s on this machine', (mode) => {
    expect(check('0', mode, 'local')).toEqual([0, 1]);
  });

  test.each([undefined, '', '1', 'false'])('finds no fault with %j, which does not turn it off', (value) => {
    expect(check(value, 'live', 'local')).toEqual([0, 0]);
  });
});
