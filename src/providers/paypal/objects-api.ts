/**
 * What PayPal lists of an account: the transactions of its ledger, of which payments and refunds are read, and disputes. Its
 * payouts are batches that no list has.
 * https://developer.paypal.com/docs/api/transaction-search/v1/ https://developer.paypal.com/docs/api/customer-disputes/v1/
 */
import type { ApiAnswer } from '../../core/ports/call-api.ts';
import type { ListOutcome, ListRequest } from '../../core/ports/provider-events.ts';
import type { ObjectList } from '../../core/ports/provider-objects.ts';
import type { JsonObject } from '../../core/read-json.ts';
import { DAY_MS, HOUR_MS, SECOND_MS } from '../../core/time.ts';
import type { EpochMs } from '../../core/webhook.ts';
import { listedEvent, listOutcomeOf, NOT_UNDERSTOOD, objectsListed, openEach } from '../events-api.ts';
import { ALL_LISTED, type ObjectsApi, type ReadAnswer, readAnswer } from '../objects-api.ts';
import { pathPartOf } from '../path-part.ts';
import { objectOf, wholeTextOf } from '../read-fields.ts';
import { type AuthorizedCall, createAuthorizedCall } from './authorized-call.ts';
import { nextPathIn, PAYPAL_API_URLS, paypalEventsApi, secretPartOf, timeText } from './events-api.ts';
import { disputeEvent } from './object-event.ts';

const TRANSACTIONS_PATH = '/v1/reporting/transactions';
const DISPUTES_PATH = '/v1/customer/disputes';

/** PayPal takes 31 days for one request at most, and none with more than ten thousand transactions: then it is asked for half. */
const SPAN_MS_MAX = 30 * DAY_MS;
const SPAN_MS_MIN = HOUR_MS;
const TRANSACTIONS_PAGE = 100;
/** Each is asked for by itself afterwards: the list does not say of which payment it is. */
const DISPUTES_PAGE = 10;

/** `T00nn` is a payment, received or sent; `T1107` a refund. https://developer.paypal.com/reports/reference/t-codes */
const PAYMENT_CODE = /^T00\d\d$/;
const REFUND_CODE = 'T1107';

const PAYMENT_EVENTS: ReadonlyMap<unknown, string> = new Map([
  ['P', 'PAYMENT.CAPTURE.PENDING'],
  ['D', 'PAYMENT.CAPTURE.DENIED'],
]);

/** A payment that went back later was completed: what went back is a transaction of its own. */
const paymentOf = (info: JsonObject): readonly [type: string, resource: JsonObject] => [
  PAYMENT_EVENTS.get(info.transaction_status) ?? 'PAYMENT.CAPTURE.COMPLETED',
  {},
];

const REFUND_STATUSES: ReadonlyMap<unknown, string> = new Map([
  ['P', 'PENDING'],
  ['D', 'FAILED'],
]);

const refundOf = (info: JsonObject): readonly [type: string, resource: JsonObject] => [
  'PAYMENT.CAPTURE.REFUNDED',
  {
    status: REFUND_STATUSES.get(info.transaction_status) ?? 'COMPLETED',
    ...(info.paypal_reference_id_type === 'TXN' ? { capture_id: info.paypal_reference_id ?? null } : {}),
  },
];

/** As the event of a capture or refund would have it; null for what is neither, such as a fee, or a payment that was sent. */
const eventOf = (info: JsonObject): JsonObject | null => {
  const code = wholeTextOf(info.transaction_event_code) ?? '';
  const isSent = wholeTextOf(objectOf(info.transaction_amount).value)?.startsWith('-') === true;
  const isPayment = PAYMENT_CODE.test(code) && !isSent;
  if (!isPayment && code !== REFUND_CODE) return null;
  const [type, resource] = isPayment ? paymentOf(info) : refundOf(info);
  const { transaction_id: id = null, transaction_initiation_date: at = null, transaction_amount: amount = null } = info;
  return { id, event_type: type, create_time: at, resource: { ...info, id, amount, ...resource } };
};

/** A page of a span: PayPal pages by number. */
interface Position {
  readonly since: EpochMs;
  readonly page: number;
  readonly spanMs: number;
}

const cursorOf = ({ since, page, spanMs }: Position): string => `${since} ${page} ${spanMs}`;

const positionOf = ({ since, cursor }: ListRequest): Position => {
  const [at = since, page = 1, spanMs = SPAN_MS_MAX] = cursor === null ? [] : cursor.split(' ').map(Number);
  return { since: at, page, spanMs };
};

const untilOf = ({ until }: ListRequest, { since, spanMs }: Position): EpochMs => Math.min(until, since + spanMs);

const transactionsPath = (request: ListRequest, at: Position): string => {
  const query = new URLSearchParams({
    start_date: timeText(at.since),
    end_date: timeText(Math.ceil(untilOf(request, at) / SECOND_MS) * SECOND_MS),
    fields: 'transaction_info',
    page_size: String(TRANSACTIONS_PAGE),
    page: String(at.page),
  });
  return `${TRANSACTIONS_PATH}?${query}`;
};

const nextOf = (request: ListRequest, at: Position, pages: number): string | null => {
  if (at.page < pages) return cursorOf({ ...at, page: at.page + 1 });
  const until = untilOf(request, at);
  return until < request.until ? cursorOf({ ...at, since: until, page: 1 }) : null;
};

/** No page, and the way on with half as much; null where that is little already, or the request was not for the first page. */
const narrowed = (answer: ApiAnswer, { since, page, spanMs }: Position): ListOutcome | null => {
  const isTooMuch = answer.outcome === 'answered' && answer.status === 400 && page === 1 && spanMs > SPAN_MS_MIN;
  return isTooMuch
    ? { outcome: 'page', events: [], next: cursorOf({ since, page, spanMs: Math.ceil(spanMs / 2) }) }
    : null;
};

const transactionsPage = (answer: JsonObject, request: ListRequest, at: Position): ListOutcome => {
  const details = objectsListed(answer.transaction_details);
  if (details === null) return NOT_UNDERSTOOD;
  const events = details
    .map(({ transaction_info: info }) => eventOf(objectOf(info)))
    .filter((event) => event !== null)
    .map(listedEvent);
  const pages = typeof answer.total_pages === 'number' ? answer.total_pages : 1;
  return { outcome: 'page', events, next: nextOf(request, at, pages) };
};

const transactions = (call: AuthorizedCall): ObjectList => ({
  name: 'transactions',
  kind: 'payment',
  listedForMs: 3 * 365 * DAY_MS,
  listedAfterMs: 3 * HOUR_MS,
  async list(request) {
    const at = positionOf(request);
    const answer = await call({ method: 'GET', path: transactionsPath(request, at) });
    const readPage = (page: JsonObject): ListOutcome => transactionsPage(page, request, at);
    return narrowed(answer, at) ?? listOutcomeOf(answer, at.page > 1, readPage);
  },
});

const disputesPath = ({ since, until }: ListRequest): string => {
  const query = new URLSearchParams({
    create_time_after: new Date(since).toISOString(),
    create_time_before: new Date(until).toISOString(),
    page_size: String(DISPUTES_PAGE),
  });
  return `${DISPUTES_PATH}?${query}`;
};

/** The dispute as a whole, or why it could not be had. */
const disputeOf = async (call: AuthorizedCall, id: string): Promise<ReadAnswer> =>
  readAnswer(await call({ method: 'GET', path: `${DISPUTES_PATH}/${pathPartOf(id)}` }));

/** The page that the list has, and its disputes one after the other: there are few. */
const disputesPage = async (call: AuthorizedCall, listed: JsonObject): Promise<ListOutcome> => {
  const ids = objectsListed(listed.items)?.map(({ dispute_id: id }) => wholeTextOf(id));
  const next = nextPathIn(listed, DISPUTES_PATH);
  if (ids === undefined || next === undefined) return NOT_UNDERSTOOD;
  const events: ReturnType<typeof listedEvent>[] = [];
  for (const id of ids) {
    const read = id === null ? NOT_UNDERSTOOD : await disputeOf(call, id);
    if (read.outcome !== 'read') return read;
    events.push(listedEvent(disputeEvent(read.object)));
  }
  return { outcome: 'page', events, next };
};

const disputes = (call: AuthorizedCall): ObjectList => ({
  name: 'disputes',
  kind: 'dispute',
  listedForMs: 180 * DAY_MS,
  listedAfterMs: 0,
  async list(request) {
    const answer = await call({ method: 'GET', path: request.cursor ?? disputesPath(request) });
    // What may be wrong behind the first page is the cursor.
    if (answer.outcome !== 'answered' || answer.status !== 200) {
      return listOutcomeOf(answer, request.cursor !== null, () => NOT_UNDERSTOOD);
    }
    const read = readAnswer(answer);
    return read.outcome === 'read' ? disputesPage(call, read.object) : read;
  },
});

const KINDS = {
  ...ALL_LISTED,
  payout: 'PayPal has no list of payouts: a batch can be asked for by its id alone',
} as const;

export const paypalObjectsApi: ObjectsApi = {
  provider: 'paypal',
  open: (input) =>
    openEach(paypalEventsApi, PAYPAL_API_URLS, input, (source, apiUrl, credential) => {
      const call = createAuthorizedCall(input, apiUrl, secretPartOf(credential));
      return { ...source, account: undefined, kinds: KINDS, lists: [transactions(call), disputes(call)] };
    }),
};
