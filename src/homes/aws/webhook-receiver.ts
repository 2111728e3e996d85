/** `webhook-receiver`: API Gateway → receive → DynamoDB and SQS. Composes and nothing else. */
import { createSqsDraftOutbox } from '../../adapters/aws/audit/sqs-draft-outbox.ts';
import { createDynamodbKeepRejected } from '../../adapters/aws/rejected/rejected-box.ts';
import { createSecretsManagerSecretSource } from '../../adapters/aws/secrets/secret-source.ts';
import { createSqsEnqueue } from '../../adapters/aws/work-queue/enqueue.ts';
import { createHttpCertificateSource } from '../../adapters/http/http-certificate-source.ts';
import { awsNames } from '../../config/aws-names.ts';
import { LIMITS } from '../../core/limits.ts';
import { providerNamed } from '../../providers/providers.ts';
import { createAnswerDelivery } from '../../receive/answer-delivery.ts';
import { createKeepRejected } from '../../receive/keep-rejected.ts';
import { createReceive } from '../../receive/receive.ts';
import { createTurnedAway } from '../../receive/turned-away.ts';
import { isTracedByCaller } from './api-gateway-delivery.ts';
import { configuredProviders } from './configured-providers.ts';
import { type OpenedFunction, openFunction, type StartInput } from './open-function.ts';
import { openSealedStore } from './open-sealed-store.ts';
import { createReceiveEvent } from './receive-event.ts';
import { traceFetch } from './trace-work.ts';

// The composition root of this function: the one place in it that reads the environment.
const { env } = process;

export const start = ({ settings }: StartInput) =>
  openFunction('receiver', env, (opened) => compose(settings, opened), { isTracedByCaller });

const compose = async (settings: StartInput['settings'], opened: OpenedFunction<'receiver'>) => {
  const { environment, clock, logger, metrics, alerts, tracer, sqs } = opened;
  const names = awsNames(environment.PAYHOOK_ENVIRONMENT_SUFFIX);
  const traceHeader = tracer.header;
  const secrets = createSecretsManagerSecretSource({
    client: opened.secretsManager,
    secretNames: new Map(settings.providers.map(({ name }) => [name, names.secret(name)])),
    checkSecret: (provider, value) => providerNamed(provider)?.checkSecret(value) ?? null,
    clock,
    logger,
  });
  const { store, seal } = openSealedStore(opened);
  const providers = configuredProviders(settings);
  const receive = createReceive({
    providers,
    secrets,
    certificates: createHttpCertificateSource({ fetch: traceFetch(tracer) }),
    seal,
    store,
    queue: {
      enqueue: createSqsEnqueue({ client: sqs, workQueueUrl: environment.PAYHOOK_WORK_QUEUE_URL, traceHeader }),
    },
    clock,
    alerts,
    retentionMs: settings.retentionMs,
  });
  const auditLog = createSqsDraftOutbox({ client: sqs, auditQueueUrl: environment.PAYHOOK_AUDIT_QUEUE_URL });
  const turnedAway = createTurnedAway({ auditLog, clock, logger });
  const { rejectedKeptForMs: keptForMs } = settings;
  const keepRejected = createKeepRejected({
    providers,
    box: createDynamodbKeepRejected({ client: opened.dynamodb, tableName: environment.PAYHOOK_REJECTED_TABLE }),
    seal,
    logger,
    keptForMs,
    inAMinute: KEPT_IN_A_MINUTE,
  });
  await secrets.prefetch();
  return createReceiveEvent({
    deliveries: createAnswerDelivery({ receive, turnedAway, keepRejected, clock, logger, metrics }),
    turnedAway,
    providerNames: new Set(settings.providers.map(({ name }) => name)),
    publishedAddresses: new Set(
      settings.providers.flatMap(({ name }) => providerNamed(name)?.publishedAddresses.addresses ?? []),
    ),
    logger,
    clock,
    traceHeader,
    drainAlerts: alerts.drain,
  });
};

/** One environment of many: all write to the same table. */
const KEPT_IN_A_MINUTE = {
  max: LIMITS.rejectedKeptByFunctionMax,
  ofStrangersMax: LIMITS.rejectedKeptOfStrangersByFunctionMax,
};
