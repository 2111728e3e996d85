/** Which webhooks a filter means. Adapters look where it is cheap first; what it means is said here. */
import { CAUSE_CODES, causeOf, isOfCause } from './cause.ts';
import { PayhookError } from './errors.ts';
import { LIMITS } from './limits.ts';
import type { WebhookFilter } from './ports/webhook-store.ts';
import type { WebhookStatus } from './status.ts';
import { cardDataCount, type WebhookSummary } from './webhook.ts';

/** Undefined for all. */
export const statusesOf = ({ status }: Pick<WebhookFilter, 'status'>): readonly WebhookStatus[] | undefined =>
  status === undefined || Array.isArray(status) ? (status as undefined) : [status as WebhookStatus];

/** What an event type begins with when it is asked for as `charge.*`; null when it is asked for as a whole. */
export const eventTypePrefix = (eventType: string): string | null =>
  eventType.endsWith('*') ? eventType.slice(0, -1) : null;

const isOfType = (asked: string | undefined, eventType: string): boolean => {
  if (asked === undefined) return true;
  const prefix = eventTypePrefix(asked);
  return prefix === null ? eventType === asked : eventType.startsWith(prefix);
};

const is = <T>(asked: T | undefined, value: T): boolean => asked === undefined || asked === value;

/** All that a filter says but for times and cursor, by which lists are ordered. */
export const matchesFilter = (filter: WebhookFilter): ((webhook: WebhookSummary) => boolean) => {
  const statuses = statusesOf(filter);
  return (webhook) =>
    (statuses === undefined || statuses.includes(webhook.status)) &&
    is(filter.provider, webhook.provider) &&
    isOfType(filter.eventType, webhook.eventType) &&
    is(filter.mode, webhook.mode) &&
    is(filter.account, webhook.account) &&
    isAbout(filter.objectId, webhook) &&
    is(filter.lastError, webhook.lastError) &&
    is(filter.secretId, webhook.secretId) &&
    is(filter.origin, webhook.origin ?? 'delivery') &&
    is(filter.cardData, cardDataCount(webhook.cardData) > 0 ? 'found' : 'none') &&
    matchesCause(filter.cause, webhook) &&
    matchesHandler(filter.handler, webhook) &&
    (filter.destination === undefined || wasPutFor(filter.destination, webhook));
};

/** Whether an event of it was put into the queue of this destination. */
export const wasPutFor = (destination: string, { effects }: Pick<WebhookSummary, 'effects'>): boolean =>
  effects.events.some(({ destinations = [] }) => destinations.includes(destination));

const isAbout = (asked: string | undefined, { objectId, parentIds }: WebhookSummary): boolean =>
  asked === undefined || asked === objectId || parentIds.includes(asked);

const matchesCause = (asked: string | undefined, webhook: WebhookSummary): boolean => {
  if (asked === undefined) return true;
  const cause = causeOf(webhook);
  return cause !== null && isOfCause(asked, cause.cause);
};

const matchesHandler = (asked: WebhookFilter['handler'], { effects }: WebhookSummary): boolean =>
  asked === undefined ||
  effects.handlers.some(({ handler, outcome }) => handler === asked.name && is(asked.outcome, outcome));

const impossible = (why: string): PayhookError => new PayhookError('usage_wrong', why);

/** Throws `usage_wrong` for times between which there is nothing. */
export const checkTimes = ({ since, until }: Pick<WebhookFilter, 'since' | 'until'>): void => {
  if (since === undefined || until === undefined || since < until) return;
  const [from, to] = [since, until].map((at) => new Date(at).toISOString());
  throw impossible(
    `nothing can be since ${from} and before ${to}: the time to begin with is not before the one to end with`,
  );
};

/** Throws `usage_wrong` for a filter that no webhook can ever meet: an empty list would look like an answer. */
export const checkWebhookFilter = (filter: WebhookFilter): void => {
  checkTimes(filter);
  const { eventType, limit, handler } = filter;
  if (limit < 1 || limit > LIMITS.listLimitMax) throw impossible(`a list has 1 to ${LIMITS.listLimitMax} rows`);
  const statuses = statusesOf(filter);
  if (statuses?.length === 0) throw impossible('no status is named: leave the filter out for all of them');
  if (eventType !== undefined && !/^[^*]+(?:\.\*)?$/.test(eventType)) {
    throw impossible(`${eventType} is no event type: give one as a whole, or all that begin alike as in charge.*`);
  }
  checkCause(filter);
  const isFailure = handler?.outcome === 'failed' || handler?.outcome === 'given_up';
  if (isFailure && statuses?.every((status) => status === 'processed') === true) {
    throw impossible(`a webhook is processed only when every handler is done: ask for other statuses`);
  }
};

/** Only what waits again or was given up has a cause. */
export const CAUSED: readonly WebhookStatus[] = ['dead_lettered', 'retrying'];

const checkCause = (filter: WebhookFilter): void => {
  const { cause } = filter;
  if (cause === undefined) return;
  const [code] = cause.split(':');
  if (!CAUSE_CODES.some((known) => known === code)) {
    throw impossible(`${cause} is no cause: payhook causes lists them; they begin with ${CAUSE_CODES.join(', ')}`);
  }
  if (statusesOf(filter)?.some((status) => CAUSED.includes(status)) === false) {
    throw impossible(`only webhooks that are ${CAUSED.join(' or ')} have a cause: ask for these`);
  }
};
