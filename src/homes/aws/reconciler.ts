/** `reconciler`: the clock → lists of providers → webhooks that no delivery brought. Composes and nothing else. */
import { createDynamodbReconcileCheckpoints } from '../../adapters/aws/webhooks/reconcile-checkpoints.ts';
import { createSqsEnqueue } from '../../adapters/aws/work-queue/enqueue.ts';
import type { BakedSettings } from '../../config/baked-settings.ts';
import { openEndpoints } from '../../config/endpoint-sources.ts';
import { ENDPOINTS_APIS } from '../../providers/endpoints-apis.ts';
import { MAPPINGS } from '../../providers/mappings.ts';
import { createWatchEndpoints } from '../../reconcile/endpoints/watch-endpoints.ts';
import { createReconcile } from '../../reconcile/reconcile.ts';
import { configuredProviders } from './configured-providers.ts';
import { type ApiList, openApiLists } from './open-api-lists.ts';
import { openFunction, type StartInput } from './open-function.ts';
import { openSealedStore } from './open-sealed-store.ts';
import { createReconcileRound } from './reconcile-round.ts';

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
    const environmentSuffix = environment.PAYHOOK_ENVIRONMENT_SUFFIX;
    const providers = openApiLists({ ...opened, settings, environmentSuffix }).map((list) => ({
      ...list,
      endpoints: async () => endpointsOf(settings, list, await list.values()),
    }));
    const watchEndpoints = createWatchEndpoints({ ...shared, ...settings.reconcile });
    return createReconcileRound({ ...shared, providers, reconcile, watchEndpoints, drainAlerts: alerts.drain });
  });

/** With the same credentials. */
const endpointsOf = (settings: BakedSettings, { name, asking }: ApiList, values: readonly string[]) =>
  ENDPOINTS_APIS.filter(({ provider }) => provider === name).flatMap((api) =>
    openEndpoints(api, values, settings.reconcile, asking),
  );
