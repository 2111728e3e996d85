/** The stack as its template says it, for tests: synthesised with small folders in the place of the built functions. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, Validations } from 'aws-cdk-lib';
import { afterAll } from 'vitest';
import { addPayhook, createApp } from '../../infra/payhook-app.ts';
import type { PreparedPayhook } from '../../infra/payhook-props.ts';
import { PayhookStack } from '../../infra/payhook-stack.ts';
import { planPeak, withRoomFor } from '../../infra/peak/plan-peak.ts';
import type { PayhookConfig } from '../../src/config/define-config.ts';
import { configSchemaOf } from '../../src/config/schema.ts';
import type { ConfigurableProvider } from '../../src/providers/provider-settings.ts';
import { CONFIGURABLE_PROVIDERS } from '../../src/providers/settings.ts';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type Properties = Readonly<Record<string, Json>>;

export interface Resource {
  readonly logicalId: string;
  readonly Type: string;
  readonly Properties: Properties;
  readonly DependsOn?: readonly string[];
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

type Plugin = Parameters<Validations['addPlugins']>[0];

/** One destination of each kind that works on AWS. */
export const DESTINATIONS: NonNullable<PayhookConfig['destinations']> = {
  ledger: { kind: 'http', url: 'https://ledger.example/payhook' },
  bus: { kind: 'eventbridge', archiveDays: 30 },
};

export interface SynthesiseOptions {
  /** @default 'dev' */
  readonly suffix?: string;
  readonly config?: PayhookConfig;
  /** @default all that Payhook knows */
  readonly providers?: readonly ConfigurableProvider[];
  /** Given, the validators run too, and synthesis throws over a finding; they take ten times as long as the synthesis. */
  readonly plugins?: (app: App) => readonly Plugin[];
  /** Before anything is protected from deletion. @default false */
  readonly isFirstDeployment?: boolean;
  /** When it is synthesised. @default 2026-11-20 */
  readonly now?: number;
  /** Leave the findings of cdk-nag unanswered. @default false */
  readonly isUnacknowledged?: boolean;
}

const root = mkdtempSync(join(tmpdir(), 'payhook-infra-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const folder = (name: string, file: string): string => {
  const path = join(root, 'build', name);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, file), '');
  return path;
};

/** Folders like those that `npm run build:functions` makes, empty but for one file each. */
export const buildDirectory = join(root, 'build');
export const assets: PreparedPayhook['assets'] = {
  receiver: folder('lambda/webhook-receiver', 'index.mjs'),
  processor: folder('lambda/payment-processor', 'index.mjs'),
  auditLogger: folder('lambda/audit-logger', 'index.mjs'),
  sender: folder('lambda/destination-sender', 'index.mjs'),
  reconciler: folder('lambda/reconciler', 'index.mjs'),
  layer: folder('layer', 'index.js'),
};

let synthesisCount = 0;

export const synthesise = (options: SynthesiseOptions = {}): Synthesised => {
  synthesisCount += 1;
  const outDirectory = join(root, `out-${synthesisCount}`);
  const app = createApp(outDirectory);
  const plugins = options.plugins?.(app) ?? [];
  if (plugins.length > 0) Validations.of(app).addPlugins(...plugins);
  const environmentSuffix = options.suffix ?? 'dev';
  const known = options.providers ?? CONFIGURABLE_PROVIDERS;
  const config = configSchemaOf(known).parse(options.config ?? {});
  const planned = planPeak(config.aws.peak, options.now ?? Date.parse('2026-11-20T00:00:00Z'));
  const peak = planned.outcome === 'planned' ? planned.plan : undefined;
  const props = {
    environmentSuffix,
    config: peak === undefined ? config : withRoomFor(config, peak.size),
    peak,
    assets,
    knownProviders: known.map(({ provider }) => provider),
    isFirstDeployment: options.isFirstDeployment ?? false,
  };
  const stack = options.isUnacknowledged === true ? new PayhookStack(app, props) : addPayhook(app, props);
  const { CDK_VALIDATION: before } = process.env;
  if (options.plugins === undefined) process.env.CDK_VALIDATION = 'false';
  try {
    app.synth();
  } finally {
    if (before === undefined) delete process.env.CDK_VALIDATION;
    else process.env.CDK_VALIDATION = before;
  }
  const text = readFileSync(join(outDirectory, `${stack.stackName}.template.json`), 'utf8');
  return new Synthesised(text, stack.terminationProtection ?? false, outDirectory);
};

export class Synthesised {
  readonly text: string;
  readonly hasTerminationProtection: boolean;
  readonly outDirectory: string;
  readonly resources: readonly Resource[];
  readonly outputs: Readonly<Record<string, { readonly Value: Json }>>;
  private readonly byId: ReadonlyMap<string, Resource>;

  constructor(text: string, hasTerminationProtection: boolean, outDirectory: string) {
    this.text = text;
    this.hasTerminationProtection = hasTerminationProtection;
    this.outDirectory = outDirectory;
    const template = JSON.parse(text);
    this.resources = Object.entries<Omit<Resource, 'logicalId'>>(template.Resources).map(([logicalId, resource]) => ({
      ...resource,
      Properties: resource.Properties ?? {},
      logicalId,
    }));
    this.outputs = template.Outputs ?? {};
    this.byId = new Map(this.resources.map((resource) => [resource.logicalId, resource]));
  }

  all(type: string): readonly Resource[] {
    return this.resources.filter(({ Type }) => Type === type);
  }

  /** The only one of its type; with `name` the one of this physical name. */
  one(type: string, name?: string): Resource {
    const found = this.all(type).filter((resource) => name === undefined || this.nameOf(resource) === name);
    if (found.length !== 1) throw new Error(`${found.length} resources are ${type} ${name ?? ''}`);
    return found[0] as Resource;
  }

  byLogicalId(logicalId: string): Resource {
    const found = this.byId.get(logicalId);
    if (found === undefined) throw new Error(`there is no resource ${logicalId}`);
    return found;
  }

  /** Its physical name, readable; undefined when it has none. */
  nameOf(resource: Resource): string | undefined {
    const property = NAME_PROPERTIES[resource.Type];
    const value = property === undefined ? undefined : at(resource.Properties, property);
    return value === undefined ? undefined : this.readable(value);
  }

  /** References replaced by the name of what they lead to, joins joined: `table-PaymentWebhooks-dev.Arn`. */
  readable(value: Json): string {
    if (typeof value === 'string') return value;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return JSON.stringify(value);
    const {
      Ref: ref,
      'Fn::GetAtt': attribute,
      'Fn::Join': join,
      'Fn::Sub': sub,
      'Fn::Select': select,
    } = value as Properties;
    if (typeof ref === 'string') return this.labelOf(ref);
    if (Array.isArray(attribute)) return `${this.labelOf(String(attribute[0]))}.${attribute[1]}`;
    if (Array.isArray(join))
      return (join[1] as readonly Json[]).map((part) => this.readable(part)).join(String(join[0]));
    if (typeof sub === 'string') return sub;
    // Name of the function or of its alias, cut out of the ARN of that.
    if (Array.isArray(select)) {
      const [, arn] = at(select[1] as Json, 'Fn::Split') as readonly Json[];
      return this.readable(arn as Json).split(':')[Number(select[0]) - 6] ?? '';
    }
    throw new Error(`no text: ${JSON.stringify(value)}`);
  }

  private labelOf(logicalId: string): string {
    if (logicalId === 'AWS::AccountId') return 'ACCOUNT';
    if (logicalId.startsWith('AWS::')) return logicalId;
    const resource = this.byId.get(logicalId);
    if (resource === undefined) return logicalId;
    // As its ARN ends.
    if (resource.Type === 'AWS::Lambda::Alias') {
      const { FunctionName, Name } = resource.Properties;
      return `${this.readable(FunctionName as Json)}:${Name}`;
    }
    // An alias is named after its key, and a key has no name but its alias.
    if (resource.Type === 'AWS::KMS::Key') return this.aliasOf(logicalId);
    return this.nameOf(resource) ?? logicalId;
  }

  private aliasOf(keyId: string): string {
    const alias = this.all('AWS::KMS::Alias').find(
      ({ Properties: { TargetKeyId: target } }) =>
        JSON.stringify(target) === JSON.stringify({ 'Fn::GetAtt': [keyId, 'Arn'] }),
    );
    return alias === undefined ? keyId : String(alias.Properties.AliasName);
  }
}

/** The value at a path such as `SamplingRule.RuleName`. */
export const at = (value: Json | undefined, path: string): Json | undefined =>
  path.split('.').reduce<Json | undefined>((inner, key) => (inner as Properties | undefined)?.[key], value);

/** Where each type keeps its physical name. A type that is in neither list makes a test fail: decide which it is. */
export const NAME_PROPERTIES: Readonly<Record<string, string>> = {
  'AWS::ApiGateway::RestApi': 'Name',
  'AWS::ApiGateway::Stage': 'StageName',
  'AWS::Budgets::Budget': 'Budget.BudgetName',
  'AWS::CloudWatch::Alarm': 'AlarmName',
  'AWS::CloudWatch::Dashboard': 'DashboardName',
  'AWS::CodeDeploy::Application': 'ApplicationName',
  'AWS::CodeDeploy::DeploymentGroup': 'DeploymentGroupName',
  'AWS::DynamoDB::Table': 'TableName',
  'AWS::Events::Archive': 'ArchiveName',
  'AWS::Events::EventBus': 'Name',
  'AWS::Events::Rule': 'Name',
  'AWS::IAM::ManagedPolicy': 'ManagedPolicyName',
  'AWS::IAM::Role': 'RoleName',
  'AWS::KMS::Alias': 'AliasName',
  'AWS::Lambda::Function': 'FunctionName',
  'AWS::Lambda::LayerVersion': 'LayerName',
  'AWS::Logs::LogGroup': 'LogGroupName',
  'AWS::Logs::MetricFilter': 'FilterName',
  'AWS::S3::Bucket': 'BucketName',
  'AWS::SNS::Topic': 'TopicName',
  'AWS::SQS::Queue': 'QueueName',
  'AWS::SecretsManager::Secret': 'Name',
  'AWS::WAFv2::IPSet': 'Name',
  'AWS::WAFv2::WebACL': 'Name',
  'AWS::XRay::ResourcePolicy': 'PolicyName',
  'AWS::XRay::SamplingRule': 'SamplingRule.RuleName',
};

/** Types that have no name of ours: AWS identifies them by what they belong to, or by an id of its own. */
export const NAMELESS_TYPES: readonly string[] = [
  'AWS::ApiGateway::Account',
  'AWS::ApiGateway::BasePathMapping',
  'AWS::ApiGateway::DomainName',
  'AWS::ApiGateway::Deployment',
  'AWS::ApiGateway::GatewayResponse',
  'AWS::ApiGateway::Method',
  'AWS::ApiGateway::Resource',
  'AWS::ApplicationAutoScaling::ScalableTarget',
  'AWS::KMS::Key',
  'AWS::Lambda::EventInvokeConfig',
  'AWS::Lambda::EventSourceMapping',
  'AWS::Lambda::Permission',
  'AWS::Lambda::Version',
  'AWS::S3::BucketPolicy',
  'AWS::SNS::Subscription',
  'AWS::SNS::TopicPolicy',
  'AWS::SQS::QueuePolicy',
  'AWS::WAFv2::LoggingConfiguration',
  'AWS::WAFv2::WebACLAssociation',
  'Custom::S3AutoDeleteObjects',
];

export const FUNCTION_NAMES = [
  'lambda-webhook-receiver-dev',
  'lambda-payment-processor-dev',
  'lambda-audit-logger-dev',
  'lambda-reconciler-dev',
];
