/** Requirement 14 of the AWS home, and its bad input: the app, the commands, and one clear sentence for each mistake. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { prepareStack } from '../../infra/deploy/prepare-stack.ts';
import { assets, buildDirectory } from './synthesised.ts';

const ROOT = join(import.meta.dirname, '../..');
const directory = mkdtempSync(join(tmpdir(), 'payhook-prepare-'));
afterAll(() => rmSync(directory, { recursive: true }));

const NOW = Date.parse('2026-11-20T00:00:00Z');

let configCount = 0;
const configFile = (config: object): string => {
  configCount += 1;
  const path = join(directory, `payhook-${configCount}.config.mjs`);
  writeFileSync(path, `export default ${JSON.stringify(config)};\n`);
  return path;
};

const prepare = (given: {
  readonly suffix?: unknown;
  readonly config?: object;
  readonly env?: Readonly<Record<string, string>>;
  readonly buildDirectory?: string;
  readonly now?: number;
}) =>
  prepareStack({
    environmentSuffix: 'suffix' in given ? given.suffix : 'dev',
    env: { PAYHOOK_CONFIG: configFile(given.config ?? {}), ...given.env },
    cwd: directory,
    buildDirectory: given.buildDirectory ?? buildDirectory,
    now: given.now ?? NOW,
  });

const refusal = async (given: Parameters<typeof prepare>[0]): Promise<string> => {
  const prepared = await prepare(given);
  return prepared.outcome === 'refused' ? prepared.message : 'not refused';
};

describe('prepareStack', () => {
  test('takes suffix, configuration and built functions', async () => {
    const prepared = await prepare({ config: { providers: { stripe: {} } } });

    expect(prepared).toMatchObject({
      outcome: 'ready',
      props: { environmentSuffix: 'dev', config: { providers: { stripe: {} } }, assets },
    });
  });

  test('takes mode live without any secret in the environment: they are in Secrets Manager', async () => {
    expect(
      await prepare({ config: { mode: 'live', providers: { stripe: {} }, aws: { alarmEmails: ['a@shop.example'] } } }),
    ).toMatchObject({ outcome: 'ready' });
  });

  test('still refuses a simulator that anybody can sign for in mode live', async () => {
    const config = { mode: 'live', providers: { paypal: { isSimulatorAllowed: true } } };

    expect(await refusal({ config })).toContain('false: anybody can obtain a signed simulator event');
  });

  test('refuses to confirm events with the credential of a reconciler that is not deployed', async () => {
    const config = { providers: { paypal: { isConfirmedByApi: true } } };

    expect(await prepare({ config })).toMatchObject({ outcome: 'ready' });
    expect(await refusal({ config: { ...config, reconcile: { isAutomatic: false } } })).toContain(
      'false, and providers.paypal.isConfirmedByApi',
    );
  });

  test('refuses what destinations cannot be on AWS, each with what to do', async () => {
    const http = { kind: 'http', url: 'https://ledger.example/' };

    expect(await refusal({ config: { destinations: { 'dead-letters': http } } })).toContain('another name on AWS');
    expect(
      await refusal({ config: { destinations: { one: { kind: 'eventbridge' }, two: { kind: 'eventbridge' } } } }),
    ).toContain('one and two of kind eventbridge');
    expect(await refusal({ config: { destinations: { ledger: { ...http, concurrencyMax: 110 } } } })).toContain(
      'at least 11, which the destinations may use together: ledger 11',
    );
  });

  test('leaves out destinations of the other home', async () => {
    const config = { destinations: { 'dead-letters': { kind: 'ndjson', path: 'lines.ndjson' } } };

    expect(await prepare({ config })).toMatchObject({ outcome: 'ready' });
  });

  test('signing secrets in the environment are none of its business', async () => {
    const prepared = await prepare({ env: { PAYHOOK_STRIPE_SIGNING_SECRETS: 'nonsense', PAYHOOK_UNKNOWN: '1' } });

    expect(prepared.outcome).toBe('ready');
  });

  test.each([[undefined], [''], [7]])('says what to do when the environment suffix is missing: %j', async (suffix) => {
    expect(await refusal({ suffix })).toMatch(/^the environment suffix is missing: npm run deploy -- dev/);
  });

  test.each(['seventeen-letters', 'Prod', 'a_b', '1st', 'a--b', 'prod-', 'prod:1'])(
    'refuses the environment suffix %s with what is allowed',
    async (suffix) => {
      expect(await refusal({ suffix })).toBe(
        `environment suffix "${suffix}" cannot be part of AWS names: use 1 to 16 lower-case letters, digits and single hyphens, starting with a letter, such as dev or prod-eu`,
      );
    },
  );

  test('names the region when AWS is configured for another one', async () => {
    expect(await refusal({ env: { CDK_DEFAULT_REGION: 'eu-west-1' } })).toBe(
      'aws.region is us-east-1, and your AWS configuration says eu-west-1: set AWS_REGION=us-east-1 for this command, or aws.region in payhook.config.ts',
    );
    expect((await prepare({ env: { CDK_DEFAULT_REGION: 'us-east-1' } })).outcome).toBe('ready');
    expect(
      (await prepare({ config: { aws: { region: 'eu-west-1' } }, env: { CDK_DEFAULT_REGION: 'eu-west-1' } })).outcome,
    ).toBe('ready');
  });

  test('names a provider that nobody knows', async () => {
    expect(await refusal({ config: { providers: { strype: {} } } })).toMatch(
      /setting providers\.strype in .*: found a name that Payhook does not know/,
    );
  });

  test('names a provider whose silence is watched and that is not configured', async () => {
    expect(await refusal({ config: { providers: { stripe: {} }, aws: { silenceAlarmHours: { paypal: 2 } } } })).toMatch(
      /aws\.silenceAlarmHours\.paypal in .*: found a provider that is not configured; expected one of stripe/,
    );
  });

  test('refuses a certificate of another region than the domain is in', async () => {
    const certificateArn = 'arn:aws:acm:us-east-1:111122223333:certificate/0a1b';
    const domain = { name: 'webhooks.shop.example', certificateArn };

    expect(await refusal({ config: { aws: { domain, region: 'eu-west-1' } } })).toMatch(
      /aws\.domain\.certificateArn in .*: found arn:aws:acm:us-east-1.*; expected a certificate in eu-west-1/,
    );
    expect(await prepare({ config: { aws: { domain } } })).toMatchObject({ outcome: 'ready' });
  });

  test.each(['cn-north-1', 'us-gov-west-1', 'Europe'])('refuses the region %s', async (region) => {
    expect(await refusal({ config: { aws: { region } } })).toMatch(/aws\.region in .*a region such as eu-west-1/);
  });

  test('says what of a peak is over, and what an account has to ask for first', async () => {
    const aws = { peak: { webhooksPerSecond: 12_000, from: '2026-11-27T00:00:00Z', until: '2026-11-28T00:00:00Z' } };
    const notes = async (now: number) => {
      const prepared = await prepare({ config: { aws }, now });
      return prepared.outcome === 'ready' ? prepared.notes : prepared.message;
    };

    expect(await notes(Date.parse('2026-11-28T00:00:00Z'))).toEqual([
      expect.stringMatching(/^the peak in aws\.peak is over since 2026-11-28T00:00:00\.000Z/),
    ]);
    expect(await notes(NOW)).toHaveLength(3);
    expect(await notes(Date.parse('2026-11-27T23:30:00Z'))).toMatch(/aws\.peak\.until in .*more than an hour from now/);
  });

  test('says which published addresses have not been looked at for a year, of providers that are configured', async () => {
    const notes = async (provider: string, now: string) => {
      const prepared = await prepare({ config: { providers: { [provider]: {} } }, now: Date.parse(now) });
      return prepared.outcome === 'ready' ? prepared.notes : prepared.message;
    };

    expect(await notes('stripe', '2027-04-30')).toEqual([]);
    expect(await notes('stripe', '2027-05-03')).toEqual([
      expect.stringMatching(/^the addresses that Stripe publishes are known as of 2026-05: compare them with .*stripe/),
    ]);
    expect(await notes('paypal', '2030-01-01')).toEqual([]);
  });

  test('refuses a peak without executions that are set aside', async () => {
    const peak = { webhooksPerSecond: 100, from: '2026-11-27T00:00:00Z', until: '2026-11-28T00:00:00Z' };

    expect(await refusal({ config: { aws: { peak, reservedConcurrency: false } } })).toMatch(
      /aws\.reservedConcurrency in .*: found false, and aws\.peak/,
    );
  });

  test('reports every problem at once', async () => {
    const message = await refusal({ config: { providers: { strype: {} }, aws: { tracesSampledRatio: 2 } } });

    expect(message).toMatch(/^the configuration has 2 problems:/);
    expect(message).toMatch(/aws\.tracesSampledRatio/);
  });

  test.each([
    ['mode live', { mode: 'live' }],
    ['retention regulated', { aws: { retention: 'regulated' } }],
  ])('refuses %s when nobody is told about alarms', async (_, config) => {
    expect(await refusal({ config: { providers: { stripe: {} }, ...config } })).toMatch(
      /aws\.alarmEmails in .*: found nobody; expected somebody who is told about alarms/,
    );
  });

  test('takes retention regulated when a chat or a pager is told about alarms', async () => {
    const aws = { retention: 'regulated', areAlarmsSubscribedElsewhere: true };

    expect(await prepare({ config: { aws } })).toMatchObject({ outcome: 'ready' });
  });

  test('refuses to keep more warm than is set aside', async () => {
    expect(
      await refusal({ config: { aws: { provisionedConcurrency: 20, reservedConcurrency: { receiver: 10 } } } }),
    ).toMatch(
      /aws\.provisionedConcurrency in .*: found 20; expected at most aws\.reservedConcurrency\.receiver, which is 10/,
    );
  });

  test('says to build first when nothing is built', async () => {
    const nowhere = join(directory, 'nowhere');

    expect(await refusal({ buildDirectory: nowhere })).toBe(
      `the functions are not built (nothing in ${nowhere}): run npm run build:functions first`,
    );
  });
});

/** Environment of a process that knows nothing of AWS. */
const PLAIN_ENV = { PATH: process.env.PATH ?? '', HOME: directory };

const runApp = (context: object, env: Readonly<Record<string, string>> = {}) => {
  const out = mkdtempSync(join(directory, 'out-'));
  const { status, stderr } = spawnSync(process.execPath, [join(ROOT, 'infra/app.ts')], {
    cwd: ROOT,
    encoding: 'utf8',
    env: {
      ...PLAIN_ENV,
      PAYHOOK_CONFIG: configFile({}),
      CDK_OUTDIR: out,
      CDK_CONTEXT_JSON: JSON.stringify({ buildDirectory, ...context }),
      ...env,
    },
  });
  return {
    status,
    stderr,
    template: join(out, 'stack-payhook-dev.template.json'),
    manifest: join(out, 'manifest.json'),
  };
};

describe('the app', () => {
  test('writes the template without the command line of CDK and without AWS', () => {
    const { status, stderr, template } = runApp({ environmentSuffix: 'dev' });

    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(readFileSync(template, 'utf8')).toContain('"table-PaymentWebhooks-dev"');
  });

  test('ends with 2 and one sentence when it is refused, and writes nothing', () => {
    const { status, stderr, manifest } = runApp({});

    expect(stderr).toMatch(/^payhook: the environment suffix is missing[^\n]*\n$/);
    expect(status).toBe(2);
    expect(existsSync(manifest)).toBe(false);
  });

  test('is what cdk.json starts', () => {
    const { app, output } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8'));

    expect(app).toBe('node_modules/.bin/node infra/app.ts');
    expect(output).toBe('cdk.out');
  });

  test('library and command line of CDK are pinned to the pair that works', () => {
    const { devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

    expect([devDependencies['aws-cdk-lib'], devDependencies['aws-cdk'], devDependencies['cdk-nag']]).toEqual([
      '2.276.0',
      '2.1148.1',
      '3.0.2',
    ]);
  });
});
