/** `payment-processor`: SQS → process → handlers. Composes and nothing else. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { AWS_CLIENT_OPTIONS, SQS_CLIENT_OPTIONS } from '../../adapters/aws/clients.ts';
import { createSqsDestinationOutbox } from '../../adapters/aws/destinations/sqs-destination-outbox.ts';
import { createDynamodbDestinationStates } from '../../adapters/aws/destinations/states.ts';
import { createDynamodbPaymentStore } from '../../adapters/aws/payments/payment-store.ts';
import { createEmfMetrics } from '../../adapters/aws/telemetry/emf-metrics.ts';
import { createSnsAlerts } from '../../adapters/aws/telemetry/sns-alerts.ts';
import { createStdoutLogger } from '../../adapters/aws/telemetry/stdout-logger.ts';
import { openSqsBatch } from '../../adapters/aws/work-queue/batch-queue.ts';
import { createSqsQueue } from '../../adapters/aws/work-queue/queue.ts';
import { systemClock } from '../../adapters/system/system-clock.ts';
import { createSystemRandomness } from '../../adapters/system/system-randomness.ts';
import { readFunctionEnvironment, readQueueUrls } from '../../config/function-environment.ts';
import { PayhookError } from '../../core/errors.ts';
import { type Handlers, NO_HANDLERS, readHandlers } from '../../handlers/read-handlers.ts';
import { createActOnWebhook } from '../../process/act-on-webhook.ts';
import { createProcess } from '../../process/process.ts';
import { createRedrive } from '../../process/replay.ts';
import { openSealedStore } from './open-sealed-store.ts';
import { createProcessBatch } from './process-batch.ts';
import { type StartInput, startFunction } from './start-function.ts';

// The composition root of this function: the one place in it that reads the environment.
const { env } = process;

const handlersOf = (module: StartInput['handlersModule']): Handlers => {
  if (module === null) return NO_HANDLERS;
  const read = readHandlers(module);
  if (read.outcome === 'read') return read.handlers;
  throw new PayhookError('configuration_invalid', `the handlers module ${read.problem}`);
};

export const start = ({ settings, handlersModule }: StartInput) => {
  const clock = systemClock;
  const logger = createStdoutLogger({ clock });
  return startFunction(logger, async () => {
    const environment = readFunctionEnvironment('processor', env);
    const randomness = createSystemRandomness(clock);
    const dynamodb = new DynamoDBClient(AWS_CLIENT_OPTIONS);
    const client = new SQSClient(SQS_CLIENT_OPTIONS);
    const metrics = createEmfMetrics({ clock, environmentSuffix: environment.PAYHOOK_ENVIRONMENT_SUFFIX });
    const alerts = createSnsAlerts({
      client: new SNSClient(AWS_CLIENT_OPTIONS),
      topicArn: environment.PAYHOOK_ALERT_TOPIC_ARN,
      clock,
      logger,
      metrics,
    });
    const { store, seal } = openSealedStore({ dynamodb, environment, clock, randomness });
    const queueUrls = {
      workQueueUrl: environment.PAYHOOK_WORK_QUEUE_URL,
      deadLetterQueueUrl: environment.PAYHOOK_DEAD_LETTER_QUEUE_URL,
    };
    const act = createActOnWebhook({
      payments: createDynamodbPaymentStore({
        client: dynamodb,
        tableName: environment.PAYHOOK_PAYMENT_TABLE,
        randomness,
      }),
      mapping: settings.mapping,
      destinations: settings.destinations,
      outbox: createSqsDestinationOutbox({
        client,
        queueUrlOf: readQueueUrls(environment.PAYHOOK_DESTINATION_QUEUE_URLS),
        states: createDynamodbDestinationStates({
          client: dynamodb,
          tableName: environment.PAYHOOK_PAYMENT_TABLE,
          retentionMs: settings.retentionMs,
          randomness,
        }),
      }),
      handlers: handlersOf(handlersModule),
      handlerMsMax: settings.handlerMsMax,
      clock,
      logger,
      // A function is never asked to stop: it is frozen, or killed at its time-out.
      stopping: new AbortController().signal,
    });
    return createProcessBatch({
      openBatch: (event) => openSqsBatch({ client, ...queueUrls, clock }, event),
      processOn: (queue) =>
        createProcess({
          store,
          queue,
          seal,
          act,
          mode: settings.mode,
          retryPolicy: settings.retryPolicy,
          clock,
          randomness,
          alerts,
        }),
      store,
      redrive: createRedrive({ store, queue: createSqsQueue({ client, ...queueUrls, clock }), clock }),
      randomness,
      clock,
      drainAlerts: alerts.drain,
      logger,
      metrics,
    });
  });
};
