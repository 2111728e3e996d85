/**
 * `npm run synth|deploy|verify|destroy -- <environment suffix> [options]`: everything that belongs to it, in the right
 * order, with the CDK's command line that fits the library.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../src/adapters/system/system-clock.ts';
import { awsNames, DEFAULT_REGION, problemOfSuffix } from '../src/config/aws-names.ts';
import { describeProblems, loadConfig } from '../src/config/load-config.ts';
import { PayhookError } from '../src/core/errors.ts';
import { type AwsAccount, configuredRegion, openAwsAccount } from './deploy/aws-account.ts';
import {
  missingRecords,
  otherLogRoleOf,
  problemOfAccount,
  problemOfConcurrency,
  problemOfLimits,
  problemOfRemoval,
} from './deploy/check-account.ts';
import { FUNCTIONS_DIRECTORY } from './deploy/functions-directory.ts';
import { describePlannedPeak, isNobodyTold, prepareStack, problemOfRegion } from './deploy/prepare-stack.ts';
import { writeStandIn } from './ground/stand-in.ts';
import { addPayhook, createApp } from './payhook-app.ts';
import type { PreparedPayhook } from './payhook-props.ts';
import { WEBHOOK_URL_OUTPUT } from './payhook-stack.ts';
import { notBelow } from './peak/plan-peak.ts';

/** The checkout, or the package, which is laid out alike and holds JavaScript. */
const ROOT = join(import.meta.dirname, '..');
const EXTENSION = extname(import.meta.url);
const IS_CHECKOUT = EXTENSION === '.ts';
/** Where the team's files are: in the checkout the same. */
const PROJECT = process.cwd();
const OUT_DIRECTORY = join(PROJECT, 'cdk.out');
const USAGE =
  'npm run synth|deploy|destroy -- <environment suffix> [options of the cdk command], npm run verify -- <environment suffix> [options of payhook verify home]';

/** 0 done, 1 AWS or the machine does not let us, 2 wrong usage or configuration. */
type ExitCode = number;

const say = (message: string): void => {
  process.stderr.write(`payhook: ${message}\n`);
};

// The composition root of the deployment: the one place here that reads the environment.
// biome-ignore lint/style/noProcessEnv: read once, handed on.
const env = process.env;

const runNode = (path: string, args: readonly string[], region = DEFAULT_REGION): ExitCode => {
  const { status } = spawnSync(process.execPath, [...process.execArgv, path, ...args], {
    cwd: PROJECT,
    stdio: 'inherit',
    env: { ...env, AWS_REGION: region, AWS_DEFAULT_REGION: region },
  });
  return status ?? 1;
};

const runOwn = (file: string, args: readonly string[], region?: string): ExitCode =>
  runNode(join(ROOT, `${file}${EXTENSION}`), args, region);

const runCdk = (args: readonly string[], region: string): ExitCode =>
  runNode(fileURLToPath(import.meta.resolve('aws-cdk/bin/cdk')), args, region);

/** Builds the functions and reads the configuration. Asks nothing of AWS. */
const synthesise = async (environmentSuffix: string): Promise<PreparedPayhook | ExitCode> => {
  const built = runOwn('infra/build', []);
  if (built !== 0) return built;
  const prepared = await prepareStack({
    environmentSuffix,
    env: { PAYHOOK_CONFIG: env.PAYHOOK_CONFIG },
    cwd: PROJECT,
    buildDirectory: join(PROJECT, FUNCTIONS_DIRECTORY),
    now: systemClock.now(),
  });
  if (prepared.outcome === 'refused') {
    say(prepared.message);
    return 2;
  }
  for (const note of prepared.notes) say(note);
  return prepared.props;
};

const writeTemplate = (props: PreparedPayhook): void => {
  // What an earlier configuration left there would only be confusing.
  rmSync(OUT_DIRECTORY, { recursive: true, force: true });
  const app = createApp(OUT_DIRECTORY);
  addPayhook(app, props);
  app.synth();
  say(`wrote the template of ${awsNames(props.environmentSuffix).stack} to ${OUT_DIRECTORY}`);
};

const synth = async (suffix: string): Promise<ExitCode> => {
  const synthesised = await synthesise(suffix);
  if (typeof synthesised === 'number') return synthesised;
  for (const line of describePlannedPeak(synthesised)) say(line);
  writeTemplate(synthesised);
  return 0;
};

/** The account in the region of the configuration, once nothing says another one. */
const openAccount = async ({ canBeWithoutConfig = false } = {}): Promise<AwsAccount | ExitCode> => {
  const { PAYHOOK_CONFIG } = env;
  const loaded = await loadConfig({
    env: PAYHOOK_CONFIG === undefined ? {} : { PAYHOOK_CONFIG },
    cwd: PROJECT,
    home: 'aws',
  });
  if (loaded.outcome === 'invalid') {
    say(describeProblems(loaded.problems));
    return 2;
  }
  const { config, configPath } = loaded.settings;
  const configured = await configuredRegion();
  // A stack that is removed may have outlived its configuration: then only the operator says where it is.
  if (canBeWithoutConfig && configPath === null) return openAwsAccount(configured ?? DEFAULT_REGION);
  const problem = problemOfRegion(config.aws.region, configured);
  return problem === null ? openAwsAccount(config.aws.region) : refuse(problem);
};

const deploy = async (suffix: string, options: readonly string[]): Promise<ExitCode> => {
  const account = await openAccount();
  if (typeof account === 'number') return account;
  const problem = await problemOfAccount(account);
  if (problem !== null) return refuse(problem);
  const synthesised = await synthesise(suffix);
  if (typeof synthesised === 'number') return synthesised;
  const props = await fitAccount(account, synthesised);
  if (typeof props === 'number') return props;
  writeTemplate(props);

  const { stack } = awsNames(suffix);
  // Nobody is asked to read the permissions again: they are in the repository, as a snapshot that a test compares.
  const deployOnce = (): ExitCode =>
    runCdk(['deploy', stack, '--app', OUT_DIRECTORY, '--require-approval', 'never', ...options], account.region);
  const state = await account.stateOf(stack);
  const isFirst = state === 'absent' || state === 'unfinished';
  if (isFirst && props.config.aws.retention === 'regulated') {
    writeTemplate({ ...props, isFirstDeployment: true });
    const created = deployOnce();
    if (created !== 0) return created;
    say(`${stack} is there: now it is protected from deletion`);
    writeTemplate(props);
  }
  const deployed = deployOnce();
  if (deployed !== 0) return deployed;
  if (!isFirst) return verify(suffix, []);
  const home = `--home aws --environment-suffix ${suffix}`;
  const url = (await account.outputOf(stack, WEBHOOK_URL_OUTPUT)) ?? '<WebhookUrl>';
  say(
    IS_CHECKOUT
      ? `${stack} has no signing secrets yet: bin/payhook secrets set <provider> ${home} < secrets, then npm run verify -- ${suffix}`
      : `${stack} has no signing secrets yet: npx payhook secrets set <provider> ${home} < secrets, then npx payhook verify home ${home} --url ${url}`,
  );
  return 0;
};

/** What the account has already is left as it is; what it does not have stops the deployment, or is said. */
const fitAccount = async (account: AwsAccount, props: PreparedPayhook): Promise<PreparedPayhook | ExitCode> => {
  const { environmentSuffix: suffix, config } = props;
  const tooSmall = (await problemOfConcurrency(account, suffix, config)) ?? (await problemOfLimits(account, props));
  if (tooSmall !== null) return refuse(tooSmall);
  if (isNobodyTold(config)) {
    say('nobody is told about alarms of this stack: aws.alarmEmails in payhook.config.ts is empty');
  }
  for (const sentence of await missingRecords(account, config.aws.retention === 'regulated')) say(sentence);
  return leaveLogRole(account, await leaveWarmTables(account, props));
};

/** Prints what a planned peak costs in this account. */
const leaveWarmTables = async (account: AwsAccount, props: PreparedPayhook): Promise<PreparedPayhook> => {
  const { peak, environmentSuffix } = props;
  if (peak === undefined) return props;
  const already = await account.warmTables(awsNames(environmentSuffix));
  for (const line of describePlannedPeak(props, already)) say(line);
  return { ...props, peak: notBelow(peak, already) };
};

/** Where something else sets the account's role for the logs of API Gateway, this stack leaves it alone. */
const leaveLogRole = async (account: AwsAccount, props: PreparedPayhook): Promise<PreparedPayhook> => {
  if (!props.config.aws.isApiGatewayAccountManaged) return props;
  const other = await otherLogRoleOf(account, props.environmentSuffix);
  if (other === null) return props;
  say(`API Gateway logs by ${other} in this account, which is left as it is`);
  return { ...props, config: { ...props.config, aws: { ...props.config.aws, isApiGatewayAccountManaged: false } } };
};

/** Synthetic webhooks through the address of the stack: exit 0 when they come all the way. */
const verify = async (suffix: string, options: readonly string[]): Promise<ExitCode> => {
  const account = await openAccount();
  if (typeof account === 'number') return account;
  const { stack } = awsNames(suffix);
  const url = await account.outputOf(stack, WEBHOOK_URL_OUTPUT);
  if (url === undefined)
    return refuse(`there is no ${stack}, or it has no address: npm run deploy -- ${suffix} makes it`);
  const home = ['--home', 'aws', '--environment-suffix', suffix];
  return runOwn('src/cli/main', [...home, 'verify', 'home', '--url', url, ...options], account.region);
};

/** The CDK asks before it removes; `--force` answers. It needs a stack of the name and nothing of what is in it. */
const destroy = async (suffix: string, options: readonly string[]): Promise<ExitCode> => {
  const account = await openAccount({ canBeWithoutConfig: true });
  if (typeof account === 'number') return account;
  const problem = await problemOfRemoval(account, suffix);
  if (problem !== null) return refuse(problem);
  const { stack } = awsNames(suffix);
  const directory = mkdtempSync(join(tmpdir(), 'payhook-destroy-'));
  try {
    writeStandIn(directory, suffix, account.region);
    return runCdk(['destroy', stack, '--app', directory, ...options], account.region);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
};

const refuse = (message: string): ExitCode => {
  say(message);
  return 1;
};

const COMMANDS: Readonly<Record<string, (suffix: string, options: readonly string[]) => Promise<ExitCode>>> = {
  synth,
  deploy,
  verify,
  destroy,
};

const main = async ([name = '', suffix, ...options]: readonly string[]): Promise<ExitCode> => {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined || suffix === undefined || suffix.startsWith('-')) {
    say(`${command === undefined ? 'there is no such command' : 'the environment suffix is missing'}: ${USAGE}`);
    return 2;
  }
  const problem = problemOfSuffix(suffix);
  if (problem !== null) {
    say(problem);
    return 2;
  }
  try {
    return await command(suffix, options);
  } catch (error) {
    if (!(error instanceof PayhookError)) throw error;
    return refuse(error.message);
  }
};

process.exitCode = await main(process.argv.slice(2));
