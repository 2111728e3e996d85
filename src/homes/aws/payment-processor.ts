/** `payment-processor`: SQS → process → handlers; the clock → what no longer moves. Composes and nothing else. */
import { createSqsDestinationOutbox } from '../../adapters/aws/destinations/sqs-destination-outbox.ts';
import { createDynamodbDestinationStates } from '../../adapters/aws/destinations/states.ts';
import { createDynamodbPaymentStore } from '../../adapters/aws/payments/payment-store.ts';
import { createRenewLegalHolds } from '../../adapters/aws/webhooks/legal-holds.ts';
import { createDynamodbWaitingWebhooks } from '../../adapters/aws/webhooks/waiting-webhooks.ts';
import { openSqsBatch } from '../../adapters/aws/work-queue/batch-queue.ts';
import { createSqsQueue } from '../../adapters/aws/work-queue/queue.ts';
import { readQueueUrls } from '../../config/function-environment.ts';
import { PayhookError } from '../../core/errors.ts';
import { createCallHandlers } from '../../handlers/call-handlers.ts';
import { createHandlerCircuits } from '../../handlers/handler-circuits.ts';
import { type Handlers, NO_HANDLERS, readHandlers } from '../../handlers/read-handlers.ts';
import { createActOnWebhook } from '../../process/act-on-webhook.ts';
import { createProcess } from '../../process/process.ts';
import { createRedrive } from '../../process/replay.ts';
import { createSweep } from '../../process/sweep.ts';
import { createUnknownTypes } from '../../process/unknown-types.ts';
import type { openAsking } from './open-asking.ts';
import { openFunction, type StartInput } from './open-function.ts';
import { openMapping } from './open-mapping.ts';
import { openSealedStore } from './open-sealed-store.ts';
import { createProcessBatch } from './process-batch.ts';
import { createProcessorEvent } from './processor-event.ts';
import { surviveEscapedErrors } from './survive-escaped-errors.ts';
import { traceAttempts, traceHandlers } from './trace-work.ts';

// The composition root of this function: the one place in it that reads the environment.
const { env } = process;

const handlersOf = (module: StartInput['handlersModule']): Handlers => {
  if (module === null) return NO_HANDLERS;
  const read = readHandlers(module);
  if (read.outcome === 'read') return read.handlers;
  throw new PayhookError('configuration_invalid', `the handlers module ${read.problem}`);
};

export interface ProcessorStartInput extends StartInput {
  /** Where the configuration has providers' APIs asked: it brings all of them with it. */
  readonly openAsking?: typeof openAsking;
}

export const start = ({ settings, handlersModule, ...input }: ProcessorStartInput) =>
  openFunction('processor', env, async (opened) => {
    const { environment, clock, randomness, logger, metrics, alerts, dynamodb, sqs: client, tracer } = opened;
    surviveEscapedErrors(logger);
    const { store, seal } = openSealedStore(opened);
    const queueUrls = {
      workQueueUrl: environment.PAYHOOK_WORK_QUEUE_URL,
      deadLetterQueueUrl: environment.PAYHOOK_DEAD_LETTER_QUEUE_URL,
    };
    const mapping = openMapping(settings);
    const payments = createDynamodbPaymentStore({
      client: dynamodb,
      tableName: environment.PAYHOOK_PAYMENT_TABLE,
      randomness,
    });
    const act = createActOnWebhook({
      payments,
      mapping,
      destinations: settings.destinations,
      outbox: createSqsDestinationOutbox({
        client,
        queueUrlOf: readQueueUrls(environment.PAYHOOK_DESTINATION_QUEUE_URLS),
        traceHeader: tracer.header,
        states: createDynamodbDestinationStates({
          client: dynamodb,
          tableName: environment.PAYHOOK_PAYMENT_TABLE,
          retentionMs: settings.retentionMs,
          randomness,
        }),
      }),
      clock,
      ...input.openAsking?.(settings, opened, mapping),
      noteUnknownType: createUnknownTypes({ alerts, metrics }),
      callHandlers: createCallHandlers({
        handlers: traceHandlers(tracer, handlersOf(handlersModule)),
        handlerMsMax: settings.handlerMsMax,
        clock,
        circuits: createHandlerCircuits({ clock, randomness }),
        logger,
        // A function is never asked to stop: it is frozen, or killed at its time-out.
        stopping: new AbortController().signal,
      }),
    });
    const queue = createSqsQueue({ client, workQueueUrl: queueUrls.workQueueUrl });
    const processBatch = createProcessBatch({
      openBatch: (event) => openSqsBatch({ client, ...queueUrls, clock }, event),
      processOn: (queue, alone) =>
        traceAttempts(
          tracer,
          createProcess({
            store,
            queue,
            seal,
            act,
            mode: settings.mode,
            retryPolicy: settings.retryPolicy,
            alone,
            clock,
            randomness,
            alerts,
          }),
        ),
      handlerMsMax: settings.handlerMsMax,
      store,
      redrive: createRedrive({ store, queue, clock }),
      randomness,
      clock,
      drainAlerts: alerts.drain,
      logger,
      metrics,
    });
    const ofWebhooks = { client: dynamodb, tableName: environment.PAYHOOK_WEBHOOK_TABLE };
    const waiting = createDynamodbWaitingWebhooks(ofWebhooks);
    const sweep = createSweep({ waiting, store, queue, clock, logger, onQueuedAgain: metrics.queuedAgain });
    const renewHolds = createRenewLegalHolds({ ...ofWebhooks, store, payments, clock, randomness });
    return createProcessorEvent({ processBatch, sweep, renewHolds, logger });
  });
