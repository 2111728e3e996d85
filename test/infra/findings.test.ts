/** What the validators say of the template: cdk-nag, CloudFormation Validate, and cfn-lint where it is installed. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, CfnResource, Stack } from 'aws-cdk-lib';
import { AwsSolutionsChecks, PCIDSS321Checks, ServerlessChecks } from 'cdk-nag';
import { describe, expect, test } from 'vitest';
import { ACKNOWLEDGEMENTS } from '../../infra/ground/acknowledgements.ts';
import { createApp } from '../../infra/payhook-app.ts';
import type { PayhookConfig } from '../../src/config/define-config.ts';
import { DESTINATIONS, type SynthesiseOptions, synthesise } from './synthesised.ts';

const packs = (app: App) => [new AwsSolutionsChecks(app), new PCIDSS321Checks(app), new ServerlessChecks(app)];

const CONFIGS: Readonly<Record<string, PayhookConfig>> = {
  'an ephemeral stack': { aws: { silenceAlarmHours: { stripe: 2 }, alarmEmails: ['oncall@shop.example'] } },
  'a regulated stack with everything on': {
    aws: {
      retention: 'regulated',
      domain: {
        name: 'webhooks.shop.example',
        certificateArn: 'arn:aws:acm:us-east-1:111122223333:certificate/0a1b2c3d-0000-4000-8000-000000000000',
      },
      provisionedConcurrency: 10,
      strictPerIpRate: true,
      budgetUsdAMonth: 100,
      peak: { webhooksPerSecond: 10_000, from: '2026-11-27T00:00:00-05:00', until: '2026-11-28T00:00:00-05:00' },
    },
    destinations: DESTINATIONS,
  },
  'the smallest stack': {
    providers: { stripe: {} },
    aws: { reservedConcurrency: false, isApiGatewayAccountManaged: false, areAlertsTraced: false },
  },
};

interface Report {
  readonly pluginReports: readonly {
    readonly pluginName: string;
    readonly violations: readonly {
      readonly ruleName: string;
      readonly violatingConstructs: readonly { readonly constructPath?: string }[];
    }[];
  }[];
}

/** Findings as `rule path-under-Payhook`; synthesis throws when there are any, and has written them down by then. */
const findingsOf = (
  options: SynthesiseOptions,
): { readonly packs: readonly string[]; readonly found: readonly string[] } => {
  let outDirectory = '';
  const rememberDirectory = (app: App) => {
    outDirectory = app.outdir;
    return packs(app);
  };
  try {
    synthesise({ ...options, plugins: rememberDirectory });
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ValidationFailed') throw error;
  }
  const report: Report = JSON.parse(readFileSync(join(outDirectory, 'validation-report.json'), 'utf8'));
  return {
    packs: report.pluginReports.map(({ pluginName }) => pluginName),
    found: report.pluginReports.flatMap(({ violations }) =>
      violations.flatMap(({ ruleName, violatingConstructs }) =>
        violatingConstructs.map(
          ({ constructPath = '' }) => `${ruleName} ${constructPath.replace(/^[^/]*\/Default\//, '')}`,
        ),
      ),
    ),
  };
};

describe('cdk-nag', () => {
  test.each(Object.entries(CONFIGS))('finds nothing in %s that is not acknowledged with its reason', (_, config) => {
    expect(findingsOf({ config }).found).toEqual([]);
  });

  test('finds what is not acknowledged, with all three packs; and every acknowledgement answers a finding', () => {
    const { packs: names, found } = findingsOf({
      isUnacknowledged: true,
      config: { destinations: DESTINATIONS, aws: { updates: 'canary' } },
    });
    const idle = ACKNOWLEDGEMENTS.filter(
      ({ id, path }) => !found.some((finding) => finding.startsWith(`${id} ${path}`)),
    );

    expect(names).toEqual(expect.arrayContaining(['AwsSolutions', 'PCI.DSS.321', 'Serverless']));
    for (const pack of ['AwsSolutions-', 'PCI.DSS.321-', 'Serverless-']) {
      expect(found.some((finding) => finding.startsWith(pack))).toBe(true);
    }
    expect(idle).toEqual([]);
  });

  test('every acknowledgement has a reason that says something', () => {
    for (const { id, reason } of ACKNOWLEDGEMENTS) {
      expect(reason.length, id).toBeGreaterThan(30);
    }
  });

  test('no acknowledgement covers the whole stack', () => {
    for (const { path } of ACKNOWLEDGEMENTS) expect(path).not.toBe('');
  });
});

describe('CloudFormation Validate', () => {
  test('stops a synthesis over what CloudFormation would refuse: so every synthesis of these tests is clean', () => {
    const app = createApp(mkdtempSync(join(tmpdir(), 'payhook-planted-')));
    const stack = new Stack(app, 'planted', { env: { region: 'us-east-1' } });
    new CfnResource(stack, 'Queue', { type: 'AWS::SQS::Queue', properties: { VisibilityTimeoutInHours: 1 } });

    expect(() => app.synth()).toThrow(/VisibilityTimeoutInHours/);

    rmSync(app.outdir, { recursive: true });
  });
});

const cfnLint = spawnSync('cfn-lint', ['--version'], { encoding: 'utf8' });

describe('cfn-lint', () => {
  test('finds nothing in any of these stacks', ({ skip }) => {
    skip(cfnLint.status !== 0, 'cfn-lint is not installed');
    const templates = Object.values(CONFIGS).map((config) =>
      join(synthesise({ config }).outDirectory, 'stack-payhook-dev.template.json'),
    );

    // W3005: CDK writes a dependency down that a reference implies already.
    const args = ['--non-zero-exit-code', 'informational', '--ignore-checks', 'W3005', '--', ...templates];
    const { stdout, status } = spawnSync('cfn-lint', args, { encoding: 'utf8' });

    expect(stdout).toBe('');
    expect(status).toBe(0);
  });
});
