/** `payment-processor`: SQS → process → handlers. Composes and nothing else. */
import { performance } from 'node:perf_hooks';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { AWS_CLIENT_OPTIONS, SQS_CLIENT_OPTIONS } from '../adapters/aws/aws-clients.ts';
import { createDynamodbDataKeyItems } from '../adapters/aws/dynamodb-data-key-items.ts';
import { createDynamodbWebhookStore } from '../adapters/aws/dynamodb-webhook-store.ts';
import { createEmfMetrics } from '../adapters/aws/emf-metrics.ts';
import { createKmsDataKeySource } from '../adapters/aws/kms-data-key-source.ts';
import { createSnsAlerts } from '../adapters/aws/sns-alerts.ts';
import { openSqsBatch } from '../adapters/aws/sqs-batch-queue.ts';
import { createSqsQueue } from '../adapters/aws/sqs-queue.ts';
import { createStdoutLogger } from '../adapters/aws/stdout-logger.ts';
import { systemClock } from '../adapters/system/system-clock.ts';
import { createSystemRandomness } from '../adapters/system/system-randomness.ts';
import { readFunctionEnvironment } from '../config/function-environment.ts';
import { createProcess } from '../core/process.ts';
import { createRedrive } from '../core/replay.ts';
import { createEncryptPayload, createSeal } from '../core/seal.ts';
import { createProcessBatch } from './process-batch.ts';
import { type StartInput, startFunction } from './start-function.ts';

// The composition root of this function: the one place in it that reads the environment.
const { env } = process;

export const start = ({ settings, handle }: StartInput) => {
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
    const tableName = environment.PAYHOOK_WEBHOOK_TABLE;
    const store = createDynamodbWebhookStore({ client: dynamodb, tableName, randomness });
    const dataKeys = createKmsDataKeySource({
      client: new KMSClient(AWS_CLIENT_OPTIONS),
      keyArn: environment.PAYHOOK_DATA_KEY_ARN,
      items: createDynamodbDataKeyItems({ client: dynamodb, tableName }),
      randomness,
    });
    const seal = createSeal({ dataKeys, clock, encrypt: createEncryptPayload(randomness) });
    const queueUrls = {
      workQueueUrl: environment.PAYHOOK_WORK_QUEUE_URL,
      deadLetterQueueUrl: environment.PAYHOOK_DEAD_LETTER_QUEUE_URL,
    };
    return createProcessBatch({
      openBatch: (event) => openSqsBatch({ client, ...queueUrls, clock }, event),
      processOn: (queue) =>
        createProcess({
          store,
          queue,
          seal,
          handler: handle,
          mode: settings.mode,
          retryPolicy: settings.retryPolicy,
          handlerMsMax: settings.handlerMsMax,
          clock,
          randomness,
          alerts,
          logger,
          // A function is never asked to stop: it is frozen, or killed at its time-out.
          stopping: new AbortController().signal,
        }),
      store,
      redrive: createRedrive({ store, queue: createSqsQueue({ client, ...queueUrls, clock }), clock }),
      randomness,
      stopwatchSeconds: () => performance.now() / 1000,
      drainAlerts: alerts.drain,
      logger,
      metrics,
    });
  });
};
