/** The whole AWS home on this machine: built, synthesised, deployed to the emulator, run under Lambda's own client. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buildFunctions } from '../../../infra/deploy/build-functions.ts';
import { addPayhook, createApp } from '../../../infra/payhook-app.ts';
import { awsNames } from '../../../src/config/aws-names.ts';
import { loadConfig } from '../../../src/config/load-config.ts';
import { type FaultProxy, startFaultProxy } from '../servers/fault-proxy.ts';
import { type LambdaHost, startLambdaHost } from '../servers/lambda-host.ts';
import { type Ministack, startMinistack } from '../servers/ministack.ts';
import type { StreamPump } from '../servers/stream-pump.ts';
import { deployStack } from './deploy-stack.ts';
import { isStreamMapping, type PumpStreamInput, pumpStream } from './pump-stream.ts';
import type { Removed } from './transform-template.ts';

export const SUFFIX = 'test';
export const SQUARE_URL = 'https://shop.example/webhook/square';
/** Inside of every function: what it trusts besides the public authorities. */
const CA_FILE = 'test-ca.pem';

export interface TestStack extends AsyncDisposable {
  readonly names: ReturnType<typeof awsNames>;
  readonly emulator: Ministack;
  readonly proxy: FaultProxy;
  readonly host: LambdaHost;
  readonly removed: readonly Removed[];
  /** Undefined unless it was asked for. */
  readonly pump: StreamPump | undefined;
  /** Of the configuration that the stack was made from. */
  readonly configPath: string;
  /** What providers call, without their name. */
  readonly webhookUrl: string;
  /** What `bin/payhook --home aws` needs in its environment to find the stack. */
  readonly operatorEnvironment: Readonly<Record<string, string>>;
  post(
    provider: string,
    delivery: { readonly body: Uint8Array; readonly headers: Readonly<Record<string, string>> },
  ): Promise<{
    readonly status: number;
    readonly body: Record<string, unknown>;
    readonly retryAfter: string | null;
  }>;
}

export interface TestStackInput {
  /** Has a destination `ledger` with this URL, and a bus. @default no destinations */
  readonly ledgerUrl?: string;
  /** What the configuration says of Adyen. @default Adyen is not configured */
  readonly adyen?: { readonly isCaptureAutomatic: boolean };
  /** What was synthesised elsewhere for `SUFFIX`, with its own configuration and handlers. @default it is made of this checkout */
  readonly assemblyDirectory?: string;
  /** What the configuration says of PayPal. @default its defaults */
  readonly paypal?: { readonly isConfirmedByApi: boolean; readonly isPresentStateAsked?: boolean };
  /** Whether thin events of Stripe are asked for, and what they name is fetched. @default false */
  readonly areThinEventsAsked?: boolean;
  /** Where the APIs of providers are, by name. @default the providers' own */
  readonly apiUrls?: Readonly<Record<string, string>>;
  /** In `test/aws/fixtures`. @default handlers.ts */
  readonly handlersFile?: string;
  /** What the environment of every function has besides. @default nothing */
  readonly functionEnvironment?: Readonly<Record<string, string>>;
  /** @default no invocation is traced */
  readonly isSampled?: (traceHeader: string) => boolean;
  /** Pumps the change feed by Lambda's rules, instead of the emulator by its own. @default the emulator */
  readonly pumped?: Pick<PumpStreamInput, 'editRecords'>;
  /** Certificate authority that the functions trust, and the proxy by which they reach what is not AWS. */
  readonly authorityPem: string;
  readonly httpsProxyUrl: string;
}

const configText = ({
  adyen,
  paypal = { isConfirmedByApi: false },
  ledgerUrl,
  areThinEventsAsked = false,
  apiUrls = {},
  handlersFile = 'handlers.ts',
}: TestStackInput): string => `
import { defineConfig } from 'payhook';
export default defineConfig({
  providers: ${JSON.stringify({
    stripe: { areThinEventsFetched: areThinEventsAsked },
    paypal,
    square: { notificationUrl: SQUARE_URL },
    ...(adyen === undefined ? {} : { adyen }),
  })},
  handlers: '${join(import.meta.dirname, '..', 'fixtures', handlersFile)}',
  reconcile: ${JSON.stringify({ apiUrls, areThinEventsListed: areThinEventsAsked })},
  processing: { attemptsMax: 3, backoffBaseMs: 1000, backoffCapMs: 1000 },
  destinations: ${JSON.stringify(
    ledgerUrl === undefined
      ? {}
      : {
          ledger: { kind: 'http', url: ledgerUrl, arePrivateAddressesAllowed: true, timeoutMs: 2000 },
          bus: { kind: 'eventbridge', archiveDays: 1 },
        },
  )},
});
`;

/** Takes some seconds. Throws with the reason when anything of it does not come up. */
export const startTestStack = async (input: TestStackInput): Promise<TestStack> => {
  const { authorityPem, httpsProxyUrl } = input;
  const cleanUp = new AsyncDisposableStack();
  const root = join(import.meta.dirname, '..', '..', '..');
  // Below the project, so that the configuration finds the package that it imports.
  const directory = mkdtempSync(join(root, 'build-test-'));
  cleanUp.defer(() => rm(directory, { recursive: true, force: true }));
  try {
    const configPath = join(directory, 'payhook.config.ts');
    writeFileSync(configPath, configText(input));
    const { assemblyDirectory = await synthesise(directory, configPath, authorityPem) } = input;
    if (assemblyDirectory !== input.assemblyDirectory) {
      cleanUp.defer(() => rm(dirname(assemblyDirectory), { recursive: true, force: true }));
    }
    const emulator = cleanUp.use(await startMinistack());
    const proxy = cleanUp.use(await startFaultProxy(emulator.url));
    const host = cleanUp.use(
      await startLambdaHost({
        emulatorUrl: emulator.url,
        ...(input.isSampled === undefined ? {} : { isSampled: input.isSampled }),
      }),
    );
    const names = awsNames(SUFFIX);
    const { outputs, removed, template } = await deployStack({
      assemblyDirectory,
      stackName: names.stack,
      emulatorUrl: emulator.url,
      environment: {
        AWS_ENDPOINT_URL: proxy.url,
        MINISTACK_LAMBDA_PROXY_URL: host.url,
        NODE_EXTRA_CA_CERTS: `/var/task/${CA_FILE}`,
        NODE_USE_ENV_PROXY: '1',
        HTTPS_PROXY: httpsProxyUrl,
        NO_PROXY: '127.0.0.1,localhost',
        ...input.functionEnvironment,
      },
      ...(input.pumped === undefined
        ? {}
        : { reasonToLeaveOut: (resource) => (isStreamMapping(resource) ? 'its place is taken by the pump' : null) }),
    });
    const pump =
      input.pumped === undefined
        ? undefined
        : cleanUp.use(await pumpStream({ ...input.pumped, template, names, emulatorUrl: emulator.url }));
    const apiId = /https:\/\/([a-z0-9]+)\./.exec(outputs.WebhookUrl ?? '')?.[1];
    const base = `${emulator.url}/restapis/${apiId}/${names.stage}/_user_request_/webhook`;
    const owned = cleanUp.move();
    return {
      names,
      emulator,
      proxy,
      host,
      removed,
      pump,
      configPath,
      webhookUrl: base,
      operatorEnvironment: {
        AWS_ENDPOINT_URL: emulator.url,
        AWS_ACCESS_KEY_ID: 'test',
        AWS_SECRET_ACCESS_KEY: 'test',
        AWS_EC2_METADATA_DISABLED: 'true',
      },
      async post(provider, { body, headers }) {
        const response = await fetch(`${base}/${provider}`, { method: 'POST', body: Buffer.from(body), headers });
        return {
          status: response.status,
          body: (await response.json()) as Record<string, unknown>,
          retryAfter: response.headers.get('retry-after'),
        };
      },
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    };
  } catch (error) {
    await cleanUp.disposeAsync();
    throw error;
  }
};

/** Builds the functions with the configuration of the tests and writes the cloud assembly. */
const synthesise = async (directory: string, configPath: string, authorityPem: string): Promise<string> => {
  const input = { env: { PAYHOOK_CONFIG: configPath }, cwd: directory };
  const built = await buildFunctions({ ...input, outDirectory: join(directory, 'build') });
  const loaded = await loadConfig({ ...input, home: 'aws' });
  if (built.outcome === 'invalid' || loaded.outcome === 'invalid')
    throw new Error('the test configuration is not valid');
  const { functions, layer } = built.built;
  for (const task of Object.values(functions)) writeFileSync(join(task, CA_FILE), authorityPem);
  const assemblyDirectory = join(mkdtempSync(join(tmpdir(), 'payhook-assembly-')), 'cdk.out');
  const app = createApp(assemblyDirectory);
  addPayhook(app, {
    environmentSuffix: SUFFIX,
    config: loaded.settings.config,
    assets: {
      receiver: functions['webhook-receiver'],
      processor: functions['payment-processor'],
      auditLogger: functions['audit-logger'],
      sender: functions['destination-sender'],
      reconciler: functions.reconciler,
      layer,
    },
  });
  app.synth();
  return assemblyDirectory;
};
