/** The trail as operators ask for it: by who, what, and about which webhook, payment, delivery, job, operator or home. */
import { type AuditEntry, type AuditEvent, RESOURCE_TYPES } from '../audit/audit.ts';
import type { AuditReader } from '../audit/audit-log.ts';
import { createListEntries } from '../audit/list-entries.ts';
import type { EntryActor, EntryFilter, EntryObject } from '../audit/match-entry.ts';
import { PayhookError } from '../core/errors.ts';
import type { Page } from '../core/page.ts';
import { ACTOR_TYPES } from '../core/webhook.ts';
import type { PaymentStore } from '../payments/payment-store.ts';
import { webhookIdsOf } from '../payments/webhooks-of-payment.ts';
import { paymentsNamed } from './list-webhooks.ts';

export interface ListAuditEntriesDeps {
  readonly auditLog: Pick<AuditReader, 'latest' | 'chain'>;
  readonly payments: Pick<PaymentStore, 'find'>;
}

export interface AuditQuery extends Omit<EntryFilter, 'events' | 'actor' | 'objects'> {
  readonly event?: readonly AuditEvent[] | undefined;
  /** As entries are shown: `operator:ada`; `operator:*` for all of them; `ada` for whoever is called so. */
  readonly actor?: string | undefined;
  /** `webhook:stripe:evt_1`, `payment:pi_1`, `job:*` and so on. */
  readonly object?: string | undefined;
}

/** Throws `usage_wrong` for a query that no entry can meet, `not_found` for a payment that is not there. */
export const createListAuditEntries =
  ({ auditLog, payments }: ListAuditEntriesDeps) =>
  async ({ event, actor, object, ...filter }: AuditQuery): Promise<Page<AuditEntry>> =>
    createListEntries(auditLog)({
      ...filter,
      events: event,
      actor: actor === undefined ? undefined : readActor(actor),
      objects: object === undefined ? undefined : await readObject(payments, object),
    });

/** `type:id` or `type:*`; undefined for anything else. */
const readNamed = <Type extends string>(
  text: string,
  types: readonly Type[],
): { readonly type: Type; readonly id: string | null } | undefined => {
  const colon = text.indexOf(':');
  const type = types.find((one) => one === text.slice(0, colon));
  const id = text.slice(colon + 1);
  return type === undefined || id === '' ? undefined : { type, id: id === '*' ? null : id };
};

const readActor = (text: string): EntryActor => {
  const named = readNamed(text, ACTOR_TYPES);
  if (named !== undefined) return named;
  const isType = ACTOR_TYPES.some((type) => type === text);
  if (text !== '' && !text.includes(':') && !isType) return { type: null, id: text };
  const forms = ACTOR_TYPES.map((type) => `${type}:<id>`).join(', ');
  throw new PayhookError(
    'usage_wrong',
    `${text} is nobody who acts: give ${forms}, or an id alone; ${isType ? text : 'operator'}:* is all of them`,
  );
};

const PAYMENT = 'payment';

const readObject = async (
  payments: ListAuditEntriesDeps['payments'],
  text: string,
): Promise<readonly EntryObject[]> => {
  const named = readNamed(text, [...RESOURCE_TYPES, PAYMENT]);
  if (named === undefined) {
    const forms = [...RESOURCE_TYPES, PAYMENT].map((type) => `${type}:<id>`).join(', ');
    throw new PayhookError(
      'usage_wrong',
      `${text} is nothing that entries are about: give ${forms}; job:* is all jobs`,
    );
  }
  const { type, id } = named;
  if (type === PAYMENT) return objectsOfPayment(payments, id ?? '*');
  return type === 'webhook' && id !== null ? objectsOfWebhook(id) : [{ type, id }];
};

/** Entries of legal holds are about the home, and name what is held. */
const heldAs = (kind: 'webhook' | 'payment', id: string): readonly EntryObject[] =>
  [`${kind} ${id}`, id].map((held) => ({ type: 'home', id: held }));

const objectsOfWebhook = (id: string): readonly EntryObject[] => [{ type: 'webhook', id }, ...heldAs('webhook', id)];

const objectsOfPayment = async (
  payments: ListAuditEntriesDeps['payments'],
  id: string,
): Promise<readonly EntryObject[]> => {
  const found = await paymentsNamed(payments, id);
  const names = found.flatMap(({ payment }) => payment.names.map((name) => name.id));
  return [
    ...found.flatMap(({ payment }) => webhookIdsOf(payment)).flatMap(objectsOfWebhook),
    ...names.flatMap((name) => heldAs(PAYMENT, name)),
  ];
};
