/** What of our own work is a subsegment: handlers, destinations, fetched certificates, webhooks of a batch, audited changes. */
import { type StreamRecord, traceIdOfRecord } from '../../adapters/aws/audit/change-feed.ts';
import type { SpanFacts, Tracer } from '../../adapters/aws/tracing/tracer.ts';
import type { Claim } from '../../core/ports/queue.ts';
import type { Destination } from '../../destinations/destination.ts';
import type { Handlers } from '../../handlers/read-handlers.ts';
import { WEBHOOK_HANDLER_NAME } from '../../handlers/read-handlers.ts';
import type { ScheduledEvent } from './audit-event.ts';

const handlerFacts = (handler: string) => (): SpanFacts => ({ name: `handler ${handler}`, annotations: { handler } });

/** A handler that throws is a fault; what it answers is its business. */
export const traceHandlers = (tracer: Tracer, { webhookHandler, eventHandlers }: Handlers): Handlers => ({
  webhookHandler:
    webhookHandler === null
      ? null
      : (webhook, context) =>
          tracer.span(handlerFacts(WEBHOOK_HANDLER_NAME), async () => webhookHandler(webhook, context)),
  eventHandlers: eventHandlers.map((handler) => ({
    ...handler,
    call: (event, context) => tracer.span(handlerFacts(handler.name), async () => handler.call(event, context)),
  })),
});

/** Named as it is configured: its address may hold what nobody is to know. */
export const traceDestination = (tracer: Tracer, destination: Destination): Destination => ({
  ...destination,
  send: (messages, signal) =>
    tracer.span(
      () => ({
        name: `destination ${destination.name}`,
        namespace: 'remote',
        annotations: { destination: destination.name, messages: messages.length },
      }),
      () => destination.send(messages, signal),
      (outcomes) => outcomes.some(({ outcome }) => outcome === 'failed'),
    ),
});

/** The host alone: the path of a certificate is as a stranger wrote it. */
export const traceFetch =
  (tracer: Tracer): typeof fetch =>
  (input, init) =>
    tracer.span(
      () => ({ name: new URL(input instanceof Request ? input.url : input).host, namespace: 'remote' }),
      () => fetch(input, init),
      ({ ok }) => !ok,
    );

/** One attempt at a webhook, linked to the trace of its delivery: a batch has webhooks of many. */
export const traceAttempts =
  <Outcome>(tracer: Tracer, process: (claim: Claim) => Promise<Outcome>) =>
  (claim: Claim): Promise<Outcome> =>
    tracer.span(
      () => ({
        name: 'process webhook',
        annotations: { provider: claim.entry.provider },
        linkedTraceIds: traceIds([claim.entry.traceId]),
      }),
      () => process(claim),
    );

/** Where X-Ray ends: a stream hands on no trace, but the items in it know the trace of their delivery. */
export const traceAudit = <Event extends { readonly Records?: readonly unknown[] } | ScheduledEvent, Answer>(
  tracer: Tracer,
  handle: (event: Event) => Promise<Answer>,
) => {
  return (event: Event): Promise<Answer> =>
    tracer.span(
      () => ({
        name: 'audit',
        linkedTraceIds: traceIds((event.Records ?? []).map((record) => traceIdOfRecord(record as StreamRecord))),
      }),
      () => handle(event),
    );
};

/** Only what X-Ray itself made: a request id stands in for it where there was no trace. */
const traceIds = (values: readonly unknown[]): readonly string[] =>
  values.filter((value): value is string => typeof value === 'string' && /^1-[0-9a-f]{8}-[0-9a-f]{24}$/.test(value));
