/** What the validators say of the template: cdk-nag, CloudFormation Validate, and cfn-lint where it is installed. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type App, Validations } from 'aws-cdk-lib';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { AwsSolutionsChecks, PCIDSS321Checks, ServerlessChecks } from 'cdk-nag';
import { describe, expect, test } from 'vitest';
import { ACKNOWLEDGEMENTS } from '../../infra/acknowledgements.ts';
import { createApp } from '../../infra/payhook-app.ts';
import type { PayhookConfig } from '../../src/config/define-config.ts';
import { type SynthesiseOptions, synthesise } from './synthesised.ts';

const packs = (app: App) => [new AwsSolutionsChecks(app), new PCIDSS321Checks(app), new ServerlessChecks(app)];

const CONFIGS: Readonly<Record<string, PayhookConfig>> = {
  'an ephemeral stack': { aws: { silenceAlarmHours: { stripe: 2 }, alarmEmails: ['oncall@shop.example'] } },
  'a regulated stack with everything on': {
    aws: { retention: 'regulated', provisionedConcurrency: 10, strictPerIpRate: true },
  },
  'the smallest stack': {
    providers: { stripe: {} },
    aws: { reservedConcurrency: false, isApiGatewayAccountManaged: false },
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

/** Findings as `rule path-under-the-stack`; synthesis throws when there are any, and has written them down by then. */
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
    if (!String(error).includes('Validation failed')) throw error;
  }
  const report: Report = JSON.parse(readFileSync(join(outDirectory, 'validation-report.json'), 'utf8'));
  return {
    packs: report.pluginReports.map(({ pluginName }) => pluginName),
    found: report.pluginReports.flatMap(({ violations }) =>
      violations.flatMap(({ ruleName, violatingConstructs }) =>
        violatingConstructs.map(({ constructPath = '' }) => `${ruleName} ${constructPath.replace(/^[^/]*\//, '')}`),
      ),
    ),
  };
};

describe('cdk-nag', () => {
  test.each(Object.entries(CONFIGS))('finds nothing in %s that is not acknowledged with its reason', (_, config) => {
    expect(findingsOf({ config }).found).toEqual([]);
  });

  test('finds what is not acknowledged, with all three packs', () => {
    const { packs: names, found } = findingsOf({ isUnacknowledged: true });

    expect(names).toEqual(expect.arrayContaining(['AwsSolutions', 'PCI.DSS.321', 'Serverless']));
    for (const pack of ['AwsSolutions-', 'PCI.DSS.321-', 'Serverless-']) {
      expect(found.some((finding) => finding.startsWith(pack))).toBe(true);
    }
  });

  test('every acknowledgement answers a finding', () => {
    const { found } = findingsOf({ isUnacknowledged: true });
    const idle = ACKNOWLEDGEMENTS.filter(
      ({ id, path }) => !found.some((finding) => finding.startsWith(`${id} ${path}`)),
    );

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
  test('runs with every synthesis and stops it over a finding', () => {
    const app = createApp(join(import.meta.dirname, '../../cdk.out/never-written'));

    expect(app.node.tryGetContext('@aws-cdk/core:validateAgainstDefaultRules')).toBe(true);
  });

  test.each(Object.entries(CONFIGS))('finds nothing in %s', (_, config) => {
    expect(() => synthesise({ config })).not.toThrow();
  });
});

const cfnLint = spawnSync('cfn-lint', ['--version'], { encoding: 'utf8' });

describe('cfn-lint', () => {
  test.runIf(cfnLint.status === 0).each(Object.entries(CONFIGS))('finds nothing in %s', (_, config) => {
    const { outDirectory } = synthesise({ config });

    const { stdout, status } = spawnSync(
      'cfn-lint',
      ['--non-zero-exit-code', 'warning', '--template', join(outDirectory, 'stack-payhook-dev.template.json')],
      { encoding: 'utf8' },
    );

    expect(stdout).toBe('');
    expect(status).toBe(0);
  });
});
