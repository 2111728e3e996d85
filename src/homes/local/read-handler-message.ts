/** Reads what the process of the handlers says: it runs code that is not ours, so nothing is believed that is not well formed. */
import { z } from 'zod';
import { LIMITS } from '../../core/limits.ts';
import type { FromHandlers } from './handler-messages.ts';

const count = z.int().min(0);
const text = z.string().max(LIMITS.lastErrorCharsMax);

const effects = z.array(
  z.strictObject({
    handler: z.string(),
    event: count.nullable(),
    outcome: z.enum(['done', 'ignored', 'failed', 'given_up']),
    attempts: count,
  }),
);

const outcome = z.discriminatedUnion('outcome', [
  z.strictObject({ outcome: z.literal('processed') }),
  z.strictObject({ outcome: z.literal('ignored'), reason: text, detail: text.nullable() }),
  z.strictObject({
    outcome: z.literal('failed'),
    reason: text,
    error: text,
    waitMs: z.number().min(0).max(LIMITS.retryInMsMax).nullable(),
  }),
  z.strictObject({
    outcome: z.literal('rests'),
    reason: text,
    error: text,
    restMs: z.number().min(0).max(LIMITS.retryInMsMax),
  }),
  z.strictObject({ outcome: z.literal('given_up'), reason: text, error: text }),
]);

const handlers = z.strictObject({
  hasWebhookHandler: z.boolean(),
  eventHandlers: z
    .array(
      z.strictObject({
        name: z.string(),
        patterns: z.array(z.string()),
        providers: z.array(z.string()).nullable(),
        events: z.enum(['news', 'all']),
      }),
    )
    .max(LIMITS.handlersMax),
});

const message = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ready'), handlers }),
  z.strictObject({ kind: z.literal('unusable'), problem: z.string() }),
  z.strictObject({ kind: z.literal('progress'), id: count, effects, running: z.array(z.string()) }),
  z.strictObject({
    kind: z.literal('answered'),
    id: count,
    called: z.strictObject({ effects, outcome: outcome.nullable() }),
    ended: z.array(z.strictObject({ handler: z.string(), how: z.enum(['answered', 'failed', 'cut_off']) })),
  }),
  z.strictObject({ kind: z.literal('not_begun'), id: count }),
  z.strictObject({
    kind: z.literal('log'),
    level: z.enum(['info', 'warn', 'error']),
    event: text,
    fields: z.record(z.string().regex(/^[a-z_]{1,32}$/), z.union([text, z.number()])),
  }),
  z.strictObject({
    kind: z.literal('escaped'),
    count,
    by: z.enum(['rejection', 'exception']),
    handler: z.string().nullable(),
    errorClass: z.string().regex(/^[\w$]{1,64}$/),
  }),
  z.strictObject({ kind: z.literal('retiring') }),
]) satisfies z.ZodType<FromHandlers>;

/** Undefined when it is none of the messages. */
export const readHandlerMessage = (bytes: Buffer): FromHandlers | undefined => {
  try {
    return message.safeParse(JSON.parse(bytes.toString('utf8'))).data;
  } catch {
    // Not even JSON, which the caller hears like anything else that is no message.
    return undefined;
  }
};
