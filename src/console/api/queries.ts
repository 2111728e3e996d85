/** What the console may be asked, as a query string: the filters of the command line, under the same names. */
import { z } from 'zod';
import { AUDIT_EVENTS } from '../../audit/audit.ts';
import { PayhookError } from '../../core/errors.ts';
import { LIMITS } from '../../core/limits.ts';
import { REJECTION_REASONS } from '../../core/ports/provider.ts';
import { screenText } from '../../core/screen-text.ts';
import { WEBHOOK_STATUSES } from '../../core/status.ts';
import type { EpochMs } from '../../core/webhook.ts';
import { DESTINATION_STATES } from '../../destinations/destination-queue.ts';
import { USUAL_WEBHOOKS_PER_SECOND } from '../../jobs/job.ts';
import { ACTIVITY_WINDOW_NAMES, ACTIVITY_WINDOWS, USUAL_WINDOW } from '../../operate/activity-window.ts';
import { PAYMENT_TRAITS } from '../../operate/list-payments.ts';
import { TURNED_AWAY_OUTCOMES } from '../../operate/list-turned-away.ts';
import { DECIMAL_FORMS, readDecimal } from '../../operate/read-decimal.ts';
import { momentOf } from '../../operate/read-moment.ts';
import { PAYMENT_STATUSES } from '../../payments/payment.ts';

const ROWS_DEFAULT = 50;
const MODES = ['live', 'test', 'unknown'] as const;
const HANDLER_OUTCOMES = ['done', 'ignored', 'failed', 'given_up'] as const;

const text = z.string().min(1).max(LIMITS.consoleFilterCharsMax);
/** Of an action: it stays in the trail, without what looks like a card number or a secret. */
const reasonText = z.string().trim().min(1).max(LIMITS.lastErrorCharsMax).transform(screenText);

const severalOf = <Name extends string>(names: readonly Name[]) =>
  text.transform((value) => value.split(',')).pipe(z.array(z.enum(names)));

const moment = (now: EpochMs) =>
  text.transform((value, context) => {
    const at = momentOf(value, now);
    if (at !== null) return at;
    context.addIssue({
      code: 'custom',
      message: 'a time such as 2026-11-23T14:00Z, a day, or an age such as 15m, 2h, 3d',
    });
    return z.NEVER;
  });

/** A name, or a name with `=` and one of `known`. */
const named = <Known extends string>(what: string, known: readonly Known[]) =>
  text.transform((value, context) => {
    const [, name = value, asked] = /^(.+)=([a-z_]+)$/.exec(value) ?? [];
    const found = known.find((one) => one === asked);
    if (asked === undefined || found !== undefined) return { name, outcome: found };
    context.addIssue({ code: 'custom', message: `${what}: ${known.join(', ')}` });
    return z.NEVER;
  });

const handler = named('an outcome of a handler', HANDLER_OUTCOMES);
const destination = named('a state of an entry', DESTINATION_STATES);

const pageOf = (now: EpochMs) => ({
  provider: text.optional(),
  account: text.optional(),
  mode: z.enum(MODES).optional(),
  since: moment(now).optional(),
  until: moment(now).optional(),
  after: text.optional(),
  limit: z.coerce.number().int().min(1).max(LIMITS.consoleRowsMax).default(ROWS_DEFAULT),
});

const webhookFilters = (now: EpochMs) => ({
  ...pageOf(now),
  status: severalOf(WEBHOOK_STATUSES).optional(),
  eventType: text.optional(),
  object: text.optional(),
  payment: text.optional(),
  cause: text.optional(),
  handler: handler.optional(),
});

/** As a list of webhooks is asked for. */
export const webhooksQuery = (now: EpochMs) =>
  z
    .strictObject({
      ...webhookFilters(now),
      destination: destination.optional(),
      secret: text.optional(),
      origin: z.enum(['delivery', 'reconciliation']).optional(),
      cardData: z.enum(['found', 'none']).optional(),
    })
    .transform(({ object: objectId, secret: secretId, destination: asked, ...filters }) => ({
      ...filters,
      objectId,
      secretId,
      destination: asked?.name,
      entryState: asked?.outcome,
    }));

const currency = text.transform((code) => code.toUpperCase());

const decimal = text.transform((value, context) => {
  const read = readDecimal(value);
  if (read !== null) return read;
  context.addIssue({ code: 'custom', message: DECIMAL_FORMS });
  return z.NEVER;
});

export const paymentsQuery = (now: EpochMs) =>
  z.strictObject({
    ...pageOf(now),
    status: severalOf(PAYMENT_STATUSES).optional(),
    related: text.optional(),
    having: severalOf(PAYMENT_TRAITS).optional(),
    currency: currency.optional(),
    amountMin: decimal.optional(),
    amountMax: decimal.optional(),
  });

/** `without`: for who only looks which payments there are. What is stuck is looked for among all that was given up. */
export const paymentRowsQuery = (now: EpochMs) => paymentsQuery(now).extend({ without: z.literal('stuck').optional() });

/** Of all pages together. */
export const paymentSumsQuery = (now: EpochMs) => paymentsQuery(now).omit({ after: true, limit: true });

/** What the providers are asked for. */
export const checkPaymentsBody = (now: EpochMs) => {
  const { provider, since } = pageOf(now);
  return z.strictObject({ provider, since });
};

/** Of no account and of no mode. */
export const auditQuery = (now: EpochMs) => {
  const { account: _, mode: __, provider: ___, ...filters } = pageOf(now);
  return z.strictObject({
    ...filters,
    event: severalOf(AUDIT_EVENTS).optional(),
    actor: text.optional(),
    outcome: z.enum(['success', 'failure']).optional(),
    chain: text.optional(),
    object: text.optional(),
  });
};

export const reviewQuery = z.strictObject({ day: text.optional() });

export const causesQuery = (now: EpochMs) => {
  const { after: _, limit: __, ...filters } = pageOf(now);
  return z.strictObject(filters);
};

/** Which webhooks; some of it has to be said: everything is never meant by saying nothing. */
const jobFilter = (now: EpochMs) => {
  const { after: _, limit: __, status: ___, ...filters } = webhookFilters(now);
  return z
    .strictObject({ ...filters, ids: z.array(text).min(1).max(LIMITS.jobIdsMax).optional() })
    .refine(
      (filter) => Object.values(filter).some((value) => value !== undefined),
      'say which webhooks: of a cause, since when, or their ids',
    )
    .transform(({ object: objectId, ...filter }) => ({ ...filter, objectId }));
};

const jobWork = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('redrive') }),
    z.strictObject({ kind: z.literal('replay'), only: text.nullable().default(null) }),
    z.strictObject({ kind: z.literal('resend'), destination: text }),
  ])
  .default({ kind: 'redrive' });

export const previewBody = (now: EpochMs) => z.strictObject({ work: jobWork, filter: jobFilter(now) });
export const requestJobBody = (now: EpochMs) =>
  z.strictObject({
    work: jobWork,
    filter: jobFilter(now),
    hash: text,
    reason: reasonText,
    webhooksPerSecond: z.number().int().min(1).max(LIMITS.jobWebhooksPerSecondMax).default(USUAL_WEBHOOKS_PER_SECOND),
  });
export const jobAction = z.enum(['pause', 'resume', 'cancel']);

export const decision = z
  .enum(['approve', 'refuse'])
  .transform((name) => ({ name, outcome: name === 'approve' ? ('approved' as const) : ('refused' as const) }));

export const deliveriesQuery = (now: EpochMs) => {
  const { account: _, mode: __, ...filters } = pageOf(now);
  return z.strictObject({ ...filters, reason: z.enum(REJECTION_REASONS).optional(), address: text.optional() });
};

/** What the trail says of those that are not taken. */
export const turnedAwayQuery = (now: EpochMs) => {
  const { account: _, mode: __, ...filters } = pageOf(now);
  return z.strictObject({ ...filters, outcome: z.enum(TURNED_AWAY_OUTCOMES).optional() });
};

export const entriesQuery = (now: EpochMs) => {
  const { account: _, mode: __, ...filters } = pageOf(now);
  return z.strictObject({ ...filters, state: severalOf(DESTINATION_STATES).optional() });
};

export const activityQuery = z.strictObject({
  mode: z.enum(MODES).optional(),
  window: z
    .enum(ACTIVITY_WINDOW_NAMES)
    .default(USUAL_WINDOW)
    .transform((name) => ACTIVITY_WINDOWS[name]),
});
export const overviewQuery = z.strictObject({ mode: z.enum(MODES).optional() });
/** `check`: whether there would be a file. */
export const exportQuery = z.object({ format: z.enum(['csv', 'ndjson']), check: z.literal('1').optional() });
export const noQuery = z.strictObject({});
export const findQuery = z.strictObject({ q: text });

/** Which destination, or which job, stands in the address of its screen, and here beside the filters. */
export const exportEntriesQuery = (now: EpochMs) => entriesQuery(now).extend({ destination: text });
export const exportJobQuery = z.strictObject({ job: text });

/** An action on one webhook: its words go into the trail. */
export const actionBody = z.strictObject({
  reason: z.string().max(LIMITS.lastErrorCharsMax).transform(screenText).optional(),
});
export const reasonBody = z.strictObject({ reason: reasonText });
export const reviewBody = z.strictObject({ day: text, reason: reasonText.optional() });
export const replayBody = z.strictObject({ only: text.optional(), reason: reasonText });
export const ticketBody = z.strictObject({ ticket: text });
/** Name and passphrase where operators are defined. */
export const loginBody = z.strictObject({ token: text, name: text.optional(), passphrase: text.optional() });

/** Below it in what a page sends: no name of anybody's. */
const AROUND = 'filter';

const expected = (issue: z.core.$ZodIssue): string => {
  switch (issue.code) {
    case 'invalid_value':
      return `has to be ${issue.values.length === 1 ? '' : 'one of '}${issue.values.join(', ')}`;
    case 'too_small':
      return issue.origin === 'number' ? `has to be ${issue.minimum} at least` : 'has to be said';
    case 'too_big':
      return `has to be ${issue.maximum} at most${issue.origin === 'string' ? ', in characters' : ''}`;
    case 'invalid_type':
      return issue.input === undefined ? 'has to be said' : `has to be a ${issue.expected}`;
    case 'custom':
      return `has to be ${issue.message}`;
    default:
      return `cannot be read: ${issue.message}`;
  }
};

/** As a person reads it who wrote it into an address. */
const problemOf = (issue: z.core.$ZodIssue): string => {
  const name = issue.path.filter((part) => typeof part === 'string' && part !== AROUND).join('.');
  if (issue.code === 'unrecognized_keys') return `there is no ${issue.keys.join(', ')} here`;
  return name === '' ? issue.message : `what is given as ${name} ${expected(issue)}`;
};

/** Throws `usage_wrong`, with what was expected. A name that is not known is no filter that may be left out. */
export const read = <Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> => {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new PayhookError('usage_wrong', result.error.issues.map(problemOf).join('; '));
};
