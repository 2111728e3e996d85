/**
 * What a mapping file of a provider is made of: rows like those of the provider's table in the documents, and the bodies
 * of payment events that the rows give.
 */
import type { Effects } from '../core/effects.ts';
import type { ReceivedWebhook } from '../core/webhook.ts';
import type { EventBody } from './event-bodies.ts';
import { PAYMENT_NAME_KINDS, type PaymentName, type PaymentNameKind, type RelatedKind } from './event-source.ts';
import type { AboutPayment, PaymentEventType } from './payment-event.ts';
import type { Place } from './place.ts';

/** What mapping needs to know of a stored webhook, besides its payload. */
export type WebhookToMap = Pick<
  ReceivedWebhook,
  'webhookId' | 'provider' | 'eventType' | 'timestamp' | 'account' | 'mode' | 'isSimulated' | 'ordering'
> & {
  /** Of a stored one: which payment its provider named when it was asked. */
  readonly effects?: Pick<Effects, 'present'>;
};

/** Why a webhook gives no payment event. Nothing is wrong with any of these. */
export type IgnoredReason =
  /** The provider's catalogue did not have this type when it was last read: it may be about money, so a person is told. */
  | 'unknown_type'
  /** A type of the catalogue that has no meaning for payments: `ProviderMapping.leftOut` says why. */
  | 'left_out'
  /** Payhook maps no events of this provider. */
  | 'provider_not_mapped'
  /** The provider's test button. */
  | 'test_notification'
  /** Another event of the provider tells the same with the money in it. */
  | 'informational'
  /** Nothing is to be paid, so there is no payment. */
  | 'nothing_to_pay'
  /** A request to change a payment was refused: the payment is as before. */
  | 'request_refused';

/** At least one event, or why there is none. */
export type Mapped = readonly [EventBody, ...EventBody[]] | { readonly ignored: IgnoredReason };

/** One line of a provider's table. `gives` and `amountFrom` are what the documents show; `map` does it. */
export interface MappingRow<Settings = unknown> {
  readonly providerType: string;
  readonly gives: readonly PaymentEventType[];
  /** Where in the payload the amount stands; null where there is none. */
  readonly amountFrom: string | null;
  readonly note?: string;
  /** `settings` are the provider's own; undefined while it is not configured. */
  map(payload: Place, settings: Settings | undefined): Mapped;
}

type MapPayload<Settings> = (payload: Place, settings: Settings | undefined) => Mapped;

/** A row whose one event type and amount are the same whatever the payload says. */
export const row = <T extends PaymentEventType, A extends string | null, Settings = unknown>(
  providerType: string,
  gives: T,
  amountFrom: A,
  read: (type: T, amountFrom: A) => MapPayload<Settings>,
  note?: string,
): MappingRow<Settings> => rowByState(providerType, [gives], amountFrom, read(gives, amountFrom), note);

/** A row whose event depends on a state in the payload. */
export const rowByState = <Settings = unknown>(
  providerType: string,
  gives: readonly PaymentEventType[],
  amountFrom: string | null,
  map: MapPayload<Settings>,
  note?: string,
): MappingRow<Settings> => ({ providerType, gives, amountFrom, map, ...(note === undefined ? {} : { note }) });

/** Events that name what they are about and carry no data. */
export interface ThinEvents {
  /** What stands in the payload's `object`. */
  readonly object: string;
  /** Path of the provider's API where the event is, with its data. */
  eventPath(id: string): string;
}

export interface ProviderMapping<Settings = unknown> {
  readonly provider: string;
  /** Empty for a provider whose events have no meaning for payments. */
  readonly rows: readonly MappingRow<Settings>[];
  /**
   * The rest of the provider's catalogue, by why it is left out: with the rows it is every type that the provider has.
   * A type that is in neither is `unknown_type`.
   */
  readonly leftOut: Readonly<Record<string, readonly string[]>>;
  /** Where the provider publishes its catalogue, and the month in which this was it: `2026-05`. */
  readonly catalogue: { readonly source: string; readonly asOf: string };
  /** Only where the provider sends such. */
  readonly thinEvents?: ThinEvents;
  /** False where some events of a payment do not name the merchant: the account is not part of its key then. @default true */
  readonly isAccountInKey?: boolean;
}

const RANK = new Map(PAYMENT_NAME_KINDS.map((kind, rank) => [kind, rank] as const));

export const rankOfKind = (kind: PaymentNameKind): number => RANK.get(kind) ?? PAYMENT_NAME_KINDS.length;

type Ids<K extends RelatedKind> = Readonly<Partial<Record<K, string | null>>>;

const addIds = (related: Partial<Record<RelatedKind, string>>, ids: Ids<RelatedKind>): void => {
  for (const kind in ids) {
    const id = ids[kind as RelatedKind];
    if (id !== null && id !== undefined && id !== '') related[kind as RelatedKind] = id;
  }
};

/** `names` name the payment, so that events which share one of them are about one payment; `others` only belong to it. */
export const aboutPayment = (names: Ids<PaymentNameKind>, others: Ids<RelatedKind> = {}): AboutPayment => {
  const paymentNames: PaymentName[] = [];
  for (const kind of PAYMENT_NAME_KINDS) {
    const id = names[kind];
    if (id !== null && id !== undefined && id !== '') paymentNames.push({ kind, id });
  }
  const related: Partial<Record<RelatedKind, string>> = {};
  addIds(related, names);
  addIds(related, others);
  const [first] = paymentNames;
  return { paymentId: first === undefined || first.kind === 'dispute' ? null : first.id, paymentNames, related };
};
