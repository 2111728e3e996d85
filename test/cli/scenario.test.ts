import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/adapters/system/system-clock.ts';
import type { CommandContext } from '../../src/cli/command-context.ts';
import { type SendScenarioOptions, sendScenario } from '../../src/cli/send-scenario.ts';
import type { PayhookConfig } from '../../src/config/define-config.ts';
import { SCENARIOS } from '../../src/samples/scenarios/scenarios.ts';
import {
  createTestFolder,
  type LocalServer,
  readStored,
  startLocalServer,
  type TestFolder,
  writeSetup,
} from '../support/running-server.ts';
import { jsonLines, runHere } from './run-here.ts';

interface Played {
  readonly code: number;
  readonly lines: readonly string[];
}

const play = async (
  env: Readonly<Record<string, string>>,
  name: string | undefined,
  options: SendScenarioOptions,
): Promise<Played> => {
  const lines: string[] = [];
  const context: CommandContext = {
    env,
    cwd: '/',
    clock: systemClock,
    print: (line) => void lines.push(line),
    warn: (line) => void lines.push(line),
    isTerminal: false,
    readInput: async () => '',
    askSecret: async () => '',
    operatorName: () => undefined,
    home: () => ({ kind: 'local' }),
  };
  return { code: await sendScenario(context, name, options), lines };
};

describe('payhook send scenario', () => {
  let folder: TestFolder;
  let server: LocalServer;
  let env: Record<string, string>;

  beforeAll(async () => {
    folder = createTestFolder();
    server = await startLocalServer({ folder });
    env = writeSetup(folder, {});
  });
  afterAll(async () => {
    await server.running.stop('test over');
    folder[Symbol.dispose]();
  });

  test('what it leaves is shown within 60 columns: the tables below a payment and below a webhook', async () => {
    await play(env, 'three-providers', { url: server.url });
    const payments = jsonLines(await runHere(['payments', 'list', '--json'], env));
    const disputed = payments.find(({ disputes }) => Array.isArray(disputes) && disputes.length > 0);
    const [webhook] = jsonLines(await runHere(['webhooks', 'list', '--status', 'processed', '--json'], env));
    expect([disputed, webhook]).toEqual([expect.anything(), expect.anything()]);

    for (const args of [
      ['payments', 'show', String(disputed?.paymentId)],
      ['webhooks', 'show', String(webhook?.webhookId)],
    ]) {
      const { stdout } = await runHere(args, env, { columns: 60 });
      // The fields above them are a value a line, however long it is.
      const tables = stdout.split('\n').slice(stdout.split('\n').indexOf(''));

      expect(tables.length).toBeGreaterThan(3);
      expect(tables.filter((line) => line.length > 60)).toEqual([]);
    }
  });

  test.each(SCENARIOS.map(({ name }) => name))('%s comes out as planned, as it happened', async (name) => {
    const played = await play(env, name, { url: server.url });

    expect(played.lines.join('\n')).not.toContain('NOT');
    expect(played.lines.at(-1)).toMatch(/^payments {4}(\d+) of \1 came out as planned$/);
    expect(played.code).toBe(0);
  });

  test('comes out as planned in any order, with every webhook stored once of the two that were sent', async () => {
    const before = readStored(folder.data).webhooks.length;

    const played = await play(env, 'three-providers', {
      url: server.url,
      count: 70,
      shuffle: true,
      duplicate: true,
      seed: 7,
    });

    expect(played.lines).toEqual([
      'scenario    three-providers: 70 payments, 340 webhooks, each sent twice, shuffled with --seed 7',
      expect.stringMatching(/^sent {8}680 deliveries in .* s, \d+\/s: 340 accepted, 340 duplicate$/),
      'webhooks    340 processed',
      'payments    70 of 70 came out as planned',
    ]);
    expect(played.code).toBe(0);
    expect(readStored(folder.data).webhooks).toHaveLength(before + 340);
  });

  test('with --json prints one object for each payment', async () => {
    const played = await play(env, 'stripe-dispute-lost', { url: server.url, json: true });

    const [line = '', ...others] = played.lines;
    const outcome = JSON.parse(line);
    expect(others).toEqual([]);
    expect(outcome).toMatchObject({
      scenario: 'stripe-dispute-lost',
      provider: 'stripe',
      webhooks: 6,
      isAsPlanned: true,
      planned: { status: 'succeeded', refunded: '0', disputes: ['lost'] },
    });
    expect(outcome.payment).toEqual(outcome.planned);
    expect(outcome.planned.disputed).toBe(outcome.planned.captured);
  });

  test('without a name lists the scenarios', async () => {
    const played = await play(env, undefined, { url: server.url });

    expect(played.code).toBe(0);
    expect(played.lines.slice(1).map((line) => line.split(' ')[0])).toEqual(SCENARIOS.map(({ name }) => name));
  });

  test('says which scenarios there are when there is none of that name', async () => {
    await expect(play(env, 'stripe-lottery', { url: server.url })).rejects.toMatchObject({
      code: 'usage_wrong',
      message: expect.stringContaining('stripe-dispute-lost'),
    });
  });

  test('says at once that nobody listens', async () => {
    await expect(play(env, 'square-dispute-won', { url: 'http://127.0.0.1:1' })).rejects.toMatchObject({
      code: 'server_unreachable',
    });
  });
});

describe('payhook send scenario to a server that differs', () => {
  test('exits with 1 and shows the plan when a payment comes out otherwise', async () => {
    using folder = createTestFolder();
    using other = createTestFolder();
    const config: PayhookConfig = { mode: 'live', providers: { stripe: {} } };
    const secrets = { PAYHOOK_STRIPE_SIGNING_SECRETS: 'whsec_scenario_of_a_live_server_0000000' };
    await using server = await startLocalServer({ folder, config, env: secrets });
    // The command does not know that the server acts on nothing of test mode.
    const env = { ...writeSetup(other, { env: secrets }), PAYHOOK_DATA_DIR: folder.data };

    const played = await play(env, 'stripe-checkout-refund', { url: server.url });

    expect(played.code).toBe(1);
    expect(played.lines.slice(-3)).toEqual([
      expect.stringMatching(/^NOT so {6}stripe pi_\S+: is not there$/),
      expect.stringMatching(/^ {12}planned: succeeded, captured .* USD, refunded .* USD, disputed 0\.00 USD$/),
      'payments    0 of 1 came out as planned',
    ]);
  });

  test('only sends when this machine does not have its data', async () => {
    using folder = createTestFolder();
    using elsewhere = createTestFolder();
    const secrets = { PAYHOOK_STRIPE_SIGNING_SECRETS: 'whsec_scenario_of_another_machine_000' };
    await using server = await startLocalServer({ folder, env: secrets });
    await using _here = await startLocalServer({ folder: elsewhere, env: secrets });
    const played = await play(writeSetup(elsewhere, { env: secrets }), 'stripe-checkout-refund', { url: server.url });

    expect(played.code).toBe(0);
    expect(played.lines.at(-1)).toBe(
      'payments    are where the webhooks were sent to: this machine does not have them',
    );
    expect(readStored(folder.data).webhooks).toHaveLength(7);
  });

  test('exits with 1 when deliveries are refused', async () => {
    using folder = createTestFolder();
    using elsewhere = createTestFolder();
    await using server = await startLocalServer({ folder });
    await using _here = await startLocalServer({ folder: elsewhere });
    const played = await play(writeSetup(elsewhere, {}), 'stripe-checkout-refund', { url: server.url });

    expect(played.code).toBe(1);
    expect(played.lines.at(-1)).toMatch(/7 deliveries in .*: 7 401 signature_verification_failed$/);
  });
});
