import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PROJECT_ROOT, runCommand } from '../support/running-server.ts';

const EXAMPLE = join(PROJECT_ROOT, 'examples', 'shop', 'run.ts');

describe('npm run example', () => {
  test('ships every order that was paid once, and the ledger service verifies everything that it gets', async () => {
    const { code, stdout, stderr } = await runCommand([], {}, { command: [process.execPath, EXAMPLE] });

    expect(stderr).toBe('');
    expect(stdout).toContain('payments    14 of 14 came out as planned');
    expect(stdout).toContain('every order that was paid was shipped once');
    expect(stdout).toMatch(/got 68 payment events, signed; \d+ of them again, 0 refused/);
    expect(code).toBe(0);

    const orders = stdout.split('\n').filter((line) => line.startsWith('ORDER-'));
    // The lives come in turn: a checkout that is refunded, PayPal's void, Stripe's dispute that is lost.
    expect(orders).toHaveLength(14);
    expect(orders[0]).toMatch(/stripe .* shipped +1 .*(sale .* refund|refund .* sale) /);
    expect(orders[4]).toMatch(/paypal .* canceled +0 +-$/);
    expect(orders[6]).toMatch(/stripe .* shipped +1 +0\.00 USD .*dispute lost/);
  });
});
