/** Deploys a synthesised stack, with its real assets, to the emulator: what `cdk deploy` does, without its command line. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { emulatorClientOptions } from '../tools/emulator-clients.ts';
import { TOOL_PATHS } from '../tools/tool-paths.ts';
import { type Removed, type Template, type TransformInput, transformTemplate } from './transform-template.ts';

const ASSET_BUCKET = 'cdk-hnb659fds-assets-000000000000-us-east-1';
const BOOTSTRAP_PARAMETER = '/cdk-bootstrap/hnb659fds/version';
const BOOTSTRAP_VERSION = '30';
const DEPLOY_MS_MAX = 120_000;
const POLL_MS = 100;

interface AssetFile {
  readonly source: { readonly path: string; readonly packaging: 'zip' | 'file' };
  readonly destinations: Readonly<Record<string, { readonly objectKey: string }>>;
}

export interface DeployInput {
  /** What `cdk synth` or `infra/app.ts` wrote. */
  readonly assemblyDirectory: string;
  readonly stackName: string;
  readonly emulatorUrl: string;
  /** What the environment of every function has besides its own. */
  readonly environment: Readonly<Record<string, string>>;
  /** As of `transformTemplate`. */
  readonly reasonToLeaveOut?: TransformInput['reasonToLeaveOut'];
  /** Resources besides those with these logical ids, for what a template of ours never has. @default none */
  readonly planted?: (logicalIds: readonly string[]) => Template['Resources'];
}

export interface Deployed {
  readonly outputs: Readonly<Record<string, string>>;
  readonly removed: readonly Removed[];
  /** As it was synthesised. */
  readonly template: Template;
}

/** Throws with the first reason when the stack cannot be created. */
export const deployStack = async (input: DeployInput): Promise<Deployed> => {
  const options = emulatorClientOptions(input.emulatorUrl);
  const s3 = new S3Client({ ...options, forcePathStyle: true });
  await new SSMClient(options).send(
    new PutParameterCommand({ Name: BOOTSTRAP_PARAMETER, Value: BOOTSTRAP_VERSION, Type: 'String', Overwrite: true }),
  );
  await s3.send(new CreateBucketCommand({ Bucket: ASSET_BUCKET }));
  await uploadAssets(s3, input);

  const read = (name: string): Template => JSON.parse(readFileSync(join(input.assemblyDirectory, name), 'utf8'));
  const synthesised = read(`${input.stackName}.template.json`);
  const { reasonToLeaveOut, environment, planted = () => ({}) } = input;
  const { template, removed } = transformTemplate({
    template: synthesised,
    environment,
    ...(reasonToLeaveOut === undefined ? {} : { reasonToLeaveOut }),
  });
  const key = 'template.json';
  const Resources = { ...template.Resources, ...planted(Object.keys(template.Resources)) };
  const Body = JSON.stringify({ ...template, Resources });
  await s3.send(new PutObjectCommand({ Bucket: ASSET_BUCKET, Key: key, Body }));
  const cloudFormation = new CloudFormationClient(options);
  await cloudFormation.send(
    new CreateStackCommand({
      StackName: input.stackName,
      TemplateURL: `${input.emulatorUrl}/${ASSET_BUCKET}/${key}`,
      Capabilities: ['CAPABILITY_NAMED_IAM', 'CAPABILITY_AUTO_EXPAND'],
    }),
  );
  return { outputs: await outputsOf(cloudFormation, input.stackName), removed, template: synthesised };
};

const uploadAssets = async (s3: S3Client, { assemblyDirectory, stackName }: DeployInput): Promise<void> => {
  const manifest: { readonly files: Readonly<Record<string, AssetFile>> } = JSON.parse(
    readFileSync(join(assemblyDirectory, `${stackName}.assets.json`), 'utf8'),
  );
  for (const { source, destinations } of Object.values(manifest.files)) {
    const path = join(assemblyDirectory, source.path);
    const body = source.packaging === 'zip' ? zip(path) : readFileSync(path);
    for (const { objectKey } of Object.values(destinations)) {
      await s3.send(new PutObjectCommand({ Bucket: ASSET_BUCKET, Key: objectKey, Body: body }));
    }
  }
};

const zip = (directory: string): Buffer => {
  const target = mkdtempSync(join(tmpdir(), 'payhook-asset-'));
  try {
    const archive = join(target, 'asset.zip');
    execFileSync(TOOL_PATHS.python, ['-m', 'zipfile', '-c', archive, ...readdirSync(directory)], { cwd: directory });
    return readFileSync(archive);
  } finally {
    rmSync(target, { recursive: true });
  }
};

const outputsOf = async (client: CloudFormationClient, stackName: string): Promise<Record<string, string>> => {
  const until = Date.now() + DEPLOY_MS_MAX;
  for (;;) {
    const { Stacks: [stack] = [] } = await client.send(new DescribeStacksCommand({ StackName: stackName }));
    if (stack?.StackStatus === 'CREATE_COMPLETE') {
      return Object.fromEntries(
        (stack.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]),
      );
    }
    if (stack?.StackStatus !== 'CREATE_IN_PROGRESS' || Date.now() > until) {
      const { StackEvents: events = [] } = await client.send(new DescribeStackEventsCommand({ StackName: stackName }));
      const failed = events.filter(({ ResourceStatus: status }) => status?.includes('FAILED'));
      const reasons = failed.map(({ LogicalResourceId: id, ResourceStatusReason: reason }) => `${id}: ${reason}`);
      throw new Error(`stack ${stackName} is ${stack?.StackStatus}: ${reasons.join('; ')}`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
};
