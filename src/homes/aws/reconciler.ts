/** `reconciler`: the clock → lists of providers → webhooks that no delivery brought. Composes and nothing else. */
import { createSecretsManagerSecretSource } from '../../adapters/aws/secrets/secret-source.ts';
import { createDynamodbReconcileCheckpoints } from '../../adapters/aws/webhooks/reconcile-checkpoints.ts';
import { createSqsEnqueue } from '../../adapters/aws/work-queue/enqueue.ts';
import { createCallApi } from '../../adapters/http/call-api.ts';
import { awsNames } from '../../config/aws-names.ts';
import type { BakedSettings } from '../../config/baked-settings.ts';
import { openEndpoints } from '../../config/endpoint-sources.ts';
import { openLists } from '../../config/event-sources.ts';
import type { SecretSource } from '../../core/ports/secret-source.ts';
import { ENDPOINTS_APIS } from '../../providers/endpoints-apis.ts';
import { EVENTS_APIS } from '../../providers/events-apis.ts';
import { MAPPINGS } from '../../providers/mappings.ts';
import { createWatchEndpoints } from '../../reconcile/endpoints/watch-endpoints.ts';
import { createReconcile } from '../../reconcile/reconcile.ts';
import { configuredProviders } from './configured-providers.ts';
import { type OpenedFunction, openFunction, type StartInput } from './open-function.ts';
import { openSealedStore } from './open-sealed-store.ts';
import { createReconcileRound, type ListingProvider } from './reconcile-round.ts';

// The composition root of this function: the one place in it that reads the environment.
const { env } = process;

export const start = ({ settings }: StartInput) =>
  openFunction('reconciler', env, async (opened) => {
    const { environment, clock, randomness, logger, metrics, alerts, dynamodb, sqs, tracer } = opened;
    const { store, seal } = openSealedStore(opened);
    const shared = {
      providers: configuredProviders(settings),
      mappings: MAPPINGS,
      eventTypes: settings.reconcile.eventTypes,
      checkpoints: createDynamodbReconcileCheckpoints({
        client: dynamodb,
        tableName: environment.PAYHOOK_WEBHOOK_TABLE,
      }),
      alerts,
      logger,
      clock,
    };
    const reconcile = createReconcile({
      ...shared,
      store,
      seal,
      queue: {
        enqueue: createSqsEnqueue({
          client: sqs,
          workQueueUrl: environment.PAYHOOK_WORK_QUEUE_URL,
          traceHeader: tracer.header,
        }),
      },
      metrics,
      randomness,
      retentionMs: settings.retentionMs,
    });
    const providers = listingProviders(settings, opened);
    const watchEndpoints = createWatchEndpoints({ ...shared, ...settings.reconcile });
    return createReconcileRound({ providers, reconcile, watchEndpoints, logger, drainAlerts: alerts.drain });
  });

const listingProviders = (
  settings: BakedSettings,
  opened: OpenedFunction<'reconciler'>,
): readonly ListingProvider[] => {
  const { environment, clock, logger, secretsManager: client } = opened;
  const names = awsNames(environment.PAYHOOK_ENVIRONMENT_SUFFIX);
  const apis = EVENTS_APIS.filter(({ provider }) => settings.providers.some(({ name }) => name === provider));
  const credentials: SecretSource = createSecretsManagerSecretSource({
    client,
    secretNames: new Map(apis.map(({ provider }) => [provider, names.apiCredentials(provider)])),
    checkSecret: (provider, value) => problemOfCredential(settings, provider, value),
    clock,
    logger,
  });
  const call = createCallApi({ clock });
  const valuesOf = async (provider: string): Promise<readonly string[]> =>
    (await credentials.secretsOf(provider)).map(({ value }) => value);
  return apis.map((api) => ({
    name: api.provider,
    sources: async () => openLists(api, await valuesOf(api.provider), settings.reconcile, { call, clock }),
    endpoints: async () => {
      const values = await valuesOf(api.provider);
      const keeping = ENDPOINTS_APIS.filter(({ provider }) => provider === api.provider);
      return keeping.flatMap((one) => openEndpoints(one, values, settings.reconcile, { call, clock }));
    },
  }));
};

const problemOfCredential = ({ mode }: BakedSettings, provider: string, value: string): string | null => {
  const api = EVENTS_APIS.find((each) => each.provider === provider);
  if (api === undefined) return null;
  const problem = api.checkCredential(value);
  if (problem !== null) return problem;
  return mode === null || api.modeOfCredential(value) === mode ? null : `is not of mode ${mode}, which is configured`;
};
