/** Payhook in somebody else's CDK app: the example, synthesised as its users would. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PROJECT_ROOT } from '../support/running-server.ts';

interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

describe('examples/cdk-app', () => {
  const out = mkdtempSync(join(tmpdir(), 'payhook-cdk-app-'));
  let resources: Readonly<Record<string, Resource>>;
  let outputs: Readonly<Record<string, unknown>>;

  const all = (type: string): readonly Resource[] => Object.values(resources).filter(({ Type }) => Type === type);

  beforeAll(async () => {
    const app = spawn(process.execPath, [join(PROJECT_ROOT, 'examples', 'cdk-app', 'app.ts')], {
      env: { PATH: process.env.PATH, CDK_OUTDIR: out },
    });
    const [stderr, [code]] = await Promise.all([text(app.stderr), once(app, 'exit')]);
    expect(code, stderr).toBe(0);
    const template = JSON.parse(readFileSync(join(out, 'Shop.template.json'), 'utf8'));
    resources = template.Resources;
    outputs = template.Outputs;
  });
  afterAll(() => rmSync(out, { recursive: true, force: true }));

  test('has the functions, with its own handlers in the one that processes', () => {
    const functions = all('AWS::Lambda::Function').map(({ Properties }) => Properties?.FunctionName);
    expect(functions).toEqual(
      expect.arrayContaining(['lambda-payment-processor-shop', 'lambda-webhook-receiver-shop']),
    );

    const assets = JSON.parse(readFileSync(join(out, 'Shop.assets.json'), 'utf8'));
    const bundles = Object.values<{ source: { path: string; packaging: string } }>(assets.files)
      .filter(({ source }) => source.packaging === 'zip')
      .flatMap(({ source }) => {
        try {
          return [readFileSync(join(out, source.path, 'index.mjs'), 'utf8')];
        } catch {
          // The layer has no such file.
          return [];
        }
      });
    expect(bundles.filter((bundle) => bundle.includes('payment.announced'))).toHaveLength(1);
  });

  test('is under the tags of its stack', () => {
    const tables = all('AWS::DynamoDB::Table');
    expect(tables).not.toEqual([]);
    for (const table of tables) {
      expect(table.Properties?.Tags).toContainEqual({ Key: 'cost-centre', Value: 'payments' });
    }
  });

  test('lets the people on call replay, and not read a payload', () => {
    const policy = all('AWS::IAM::Policy').find(({ Properties }) =>
      String(Properties?.PolicyName).startsWith('OnCall'),
    );
    const document = policy?.Properties?.PolicyDocument as
      | { Statement: { Action: string | string[]; Condition?: unknown }[] }
      | undefined;
    const statements = document?.Statement ?? [];
    const actions = statements.flatMap(({ Action }) => Action);

    expect(actions).toEqual(expect.arrayContaining(['dynamodb:UpdateItem', 'sqs:SendMessage', 'sqs:ReceiveMessage']));
    expect(actions.some((action) => action.includes('*') || action.startsWith('secretsmanager'))).toBe(false);
    expect(statements.find(({ Action }) => Action.includes('kms:Decrypt'))?.Condition).toEqual({
      StringEquals: { 'kms:ViaService': ['dynamodb.us-east-1.amazonaws.com', 'sqs.us-east-1.amazonaws.com'] },
    });
  });

  test('can watch the dead letters itself, beside all alarms of Payhook', () => {
    const names = all('AWS::CloudWatch::Alarm').map(({ Properties }) => Properties?.AlarmName);

    expect(names.length).toBeGreaterThan(30);
    expect(names).toContain('alarm-dead-letters-shop');
    expect(names).toContain(undefined);
    expect(outputs).toHaveProperty('WebhookUrl');
  });
});
