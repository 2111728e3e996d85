/**
 * A payment provider: how it signs, names, times and identifies its events, and whatever else is true of it alone. A folder
 * under `src/providers` each, with this in `<name>.ts`, what the configuration asks for it in `settings.ts`
 * (`providers/provider-settings.ts`) and what its events mean in `mapping/` (`payments/mapping.ts`); another team can write
 * one from these three files, and a line in each list (`providers/{providers,settings,mappings}.ts`).
 *
 * Rules that every provider keeps:
 * - `verify` looks at the exact bytes that arrived. Nothing is trusted, stored or answered before it says `verified`.
 * - Every configured secret is tried; which one matched is told. Comparison is constant-time over decoded bytes.
 * - *Not genuine* (`rejected`, answered 401) and *cannot know now* (`unavailable`, answered 503) are told apart.
 * - `parse` runs only on verified bytes. What it cannot understand it calls `unparsable`; the bytes are kept all the same.
 * - No clock, network, environment or state of its own: all of it comes in.
 */

import type { PresentKind } from '../present-state.ts';
import type { UnparsableReason } from '../read-json.ts';
import type { Sender } from '../shares.ts';
import type { EpochMs, Mode, OrderingHint } from '../webhook.ts';
import type { CertificateSource } from './certificate-source.ts';
import type { Secret } from './secret-source.ts';
import type { Transmission } from './webhook-store.ts';

/** Header names in lower case; every value in the order received, repeats included. */
export type DeliveryHeaders = ReadonlyMap<string, readonly string[]>;

/** One inbound HTTP request, as raw as the edge can give it. */
export interface Delivery {
  readonly body: Uint8Array;
  readonly headers: DeliveryHeaders;
  readonly method: string;
  /** Query string without the question mark; empty when there is none. */
  readonly query: string;
  /**
   * The URL that it was sent to, without its query: the one that is configured for the provider (`configuredUrl`), else the
   * one that the home knows; null when neither is known.
   */
  readonly publicUrl: string | null;
  /** Who sends it, for what is asked of others on its behalf. @default nobody knows */
  readonly sender?: Sender;
}

/**
 * Why a delivery is not genuine. Closed: the log has it, the sender never does.
 * `signed_field_malformed`: a field that the signature covers is missing, or not as the provider writes it, so that the
 * signed text could be read as something else. `body_not_expected`: not the shape that this signature stands for, or too
 * large to be read before anything of it is proven.
 */
export const REJECTION_REASONS = [
  'signature_missing',
  'signature_malformed',
  'signature_mismatch',
  'signed_field_malformed',
  'body_not_expected',
  'timestamp_missing',
  'timestamp_malformed',
  'timestamp_too_old',
  'timestamp_too_new',
  'algorithm_not_allowed',
  'certificate_url_not_allowed',
  'certificate_not_trusted',
  'certificate_expired',
  'simulated_not_allowed',
  'transmission_conflict',
] as const;
export type RejectionReason = (typeof REJECTION_REASONS)[number];

/** Why genuineness cannot be decided now; the provider is asked to come again. */
export type UnavailableReason = 'certificate_unavailable';

export interface VerifyInput<Settings = unknown> {
  readonly delivery: Delivery;
  /** At least one. */
  readonly secrets: readonly Secret[];
  readonly settings: Settings;
  readonly now: EpochMs;
  readonly certificates: CertificateSource;
}

export type Verification =
  | {
      readonly outcome: 'verified';
      /** `id` of the secret that matched. */
      readonly secretId: string;
      readonly isSimulated: boolean;
      /** Only where the signature does not bind the whole body: lets the store see one transmission with two bodies. */
      readonly transmission: Transmission | null;
      /** What the configuration calls the secret that matched: the mode that it is of, or its sender. @default it has no name */
      readonly label?: string;
    }
  | { readonly outcome: 'rejected'; readonly reason: RejectionReason }
  | { readonly outcome: 'unavailable'; readonly reason: UnavailableReason };

export type Verified = Verification & { readonly outcome: 'verified' };

/** One event out of a verified delivery. */
export interface ProviderEvent {
  /** Identifies the event among all of the provider's; the same on every delivery of it, whatever else changes. */
  readonly dedupeKey: string;
  readonly providerEventId: string | null;
  readonly eventType: string;
  /**
   * When it happened, only if signed and the same on every delivery of the event; else null. It is part of the table's
   * key, so a value that moves would store the event twice. Times that may move belong into `ordering`.
   */
  readonly eventAt: EpochMs | null;
  readonly objectId: string | null;
  /** Ids of the payment, order or account that the object belongs to, most specific first. */
  readonly parentIds: readonly string[];
  readonly account: string | null;
  readonly mode: Mode;
  readonly isSimulated: boolean;
  readonly ordering: OrderingHint | null;
  /** The bytes to keep for this event; null means the whole body. Batches give each event its own part. */
  readonly payload: Uint8Array | null;
  /** What every delivery of the event says alike, to notice one that says something else. @default the payload, or the whole body */
  readonly content?: EventContent;
}

export interface EventContent {
  /** Two contents are compared only if they have the same form: Stripe writes one event anew for each API version. @default all alike */
  readonly form?: string;
  /** Joined. */
  readonly text: string | readonly Uint8Array[];
}

export type ParseOutcome =
  /** At least one event. */
  | { readonly outcome: 'parsed'; readonly events: readonly ProviderEvent[] }
  | { readonly outcome: 'unparsable'; readonly reason: UnparsableReason };

export interface SignInput<Settings = unknown> {
  readonly body: Uint8Array;
  readonly secret: string;
  readonly settings: Settings;
  readonly now: EpochMs;
  /** The URL that it is sent to, as `Delivery` has it. */
  readonly publicUrl: string | null;
  /** A new unique id, for schemes that sign one and a body that has none. */
  readonly deliveryId: string;
  /** For a provider with a `developmentCertificate`: the private key (PEM), and where its certificate is served. */
  readonly certificate: { readonly url: string; readonly privateKeyPem: string } | null;
}

export interface SignedDelivery {
  readonly body: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

/** A place in its payloads where only the provider writes: what looks like a card number there is none. */
export interface CardDataExemption {
  /** Keys from the top, joined by dots; arrays add none: `notificationItems.NotificationRequestItem.pspReference`. */
  readonly path: string;
  /** What a value there is as a whole: the narrower, the better. */
  readonly values: RegExp;
  readonly reason: string;
}

/**
 * IPv4 addresses from which a provider says it sends. One of them is not limited by itself at the edge; it is never a proof
 * of anything, and an address that is not listed is never refused for that.
 */
export interface PublishedAddresses {
  readonly addresses: readonly string[];
  /** Where the provider publishes them, or what it says instead: look there when `asOf` is old. */
  readonly source: string;
  /** The month in which the list was known to be right: `2026-05`. */
  readonly asOf: string;
}

/** When a provider sends again what was not answered with a 2xx. */
export interface RetrySchedule {
  /** Waits before the further tries, each after the one before; empty where only the end is known. */
  readonly waitsMs: readonly number[];
  /** After the first try; null where the waits say it, or nobody does. */
  readonly endsAfterMs: number | null;
  /** Where the provider says so, or that it does not. */
  readonly source: string;
  readonly asOf: string;
}

/** A certificate of our own in the place of the provider's, for local development: nobody else has the provider's key. */
export interface DevelopmentCertificate<Settings = unknown> {
  /** The one DNS name that it is issued for. */
  readonly commonName: string;
  /** Where it is served from: an address of the provider's shape that none of its own certificates has. */
  readonly url: string;
  /** The settings of a receiver that trusts certificates under this root (PEM) and no others. */
  trusting(settings: Settings, rootPem: string): Settings;
}

/**
 * `Settings` is the provider's own type, which `providers/<name>/settings.ts` makes out of the configuration. Nobody else
 * looks into it: everywhere but in the provider's folder it is `unknown`.
 */
export interface Provider<Settings = unknown> {
  /** In URLs, ids, settings: lower-case letters, digits, hyphens. */
  readonly name: string;
  /** For people: `Stripe`. */
  readonly title: string;
  /** The environment variable with its signing secrets, a comma list: `PAYHOOK_STRIPE_SIGNING_SECRETS`. */
  readonly secretVariable: string;
  /** One of its event types, for help texts: what to send first. */
  readonly firstEventType: string;
  /** Names of headers worth keeping with the webhook, lower case. Never one that could carry a password. */
  readonly storedHeaders: readonly string[];
  /** Names of headers that carry a signature, lower case: kept out of the logs of whatever stands in front. */
  readonly secretHeaders: readonly string[];
  /** @default none: every number that looks like a card's is masked */
  readonly cardDataExemptions?: readonly CardDataExemption[];
  readonly publishedAddresses: PublishedAddresses;
  /** Of its mode live, where the modes differ. */
  readonly retrySchedule: RetrySchedule;
  /** When the first try of this delivery was, where it says so: an unproven word. @default nobody knows */
  firstTriedAt?(delivery: Delivery): EpochMs | null;
  /** Only where the provider signs with a certificate's key. */
  readonly developmentCertificate?: DevelopmentCertificate<Settings>;
  /** Only where the provider signs the URL that it sends to: the one that the settings have, or null. */
  configuredUrl?(settings: Settings): string | null;
  /**
   * Only where a signature does not bind the whole body: whether an event is compared with what the provider's API says of it,
   * before anything is done about its payment.
   */
  isConfirmedByApi?(settings: Settings): boolean;
  /** Only where events may carry no data: whether it is fetched from the provider's API, for handlers. */
  areThinEventsFetched?(settings: Settings): boolean;
  /** What the provider's API can be asked for by id. @default nothing */
  readonly presentKinds?: readonly PresentKind[];
  /**
   * Only with `presentKinds`: whether its API is asked for the present state where an event names no payment, or the events of
   * a payment contradict each other.
   */
  isPresentStateAsked?(settings: Settings): boolean;
  /**
   * Says what is wrong with a configured secret as an end of the sentence "secret 2 of stripe …", or null when it is
   * usable. Never contains the secret.
   */
  checkSecret(value: string): string | null;
  /** The secrets in the text of the variable, where a comma does not always separate two. @default at each comma */
  splitSecrets?(text: string): readonly string[];
  /** A fresh secret of the provider's shape, for local development. */
  generateSecret(randomBytes: (count: number) => Uint8Array): string;
  /** Synchronous where nothing has to be fetched: the hot path does not wait for a promise it does not need. */
  verify(input: VerifyInput<Settings>): Verification | Promise<Verification>;
  /**
   * When a verified delivery was signed. Only where the signature binds that: else the event's own time is all that tells how
   * old a delivery is.
   */
  signedAt?(delivery: Delivery): EpochMs | null;
  /** `verification` is what `verify` said of this delivery. */
  parse(delivery: Delivery, verification: Verified): ParseOutcome;
  /** Signs as the provider would: for `payhook send`, tests and benchmarks. */
  sign(input: SignInput<Settings>): SignedDelivery;
}

/** A provider with the settings that it reads. */
export interface ConfiguredProvider {
  readonly provider: Provider;
  readonly settings: unknown;
}

/** The only value of a header, or undefined when it is missing or comes more than once (which no provider does). */
export const singleHeader = (headers: DeliveryHeaders, name: string): string | undefined => {
  const values = headers.get(name);
  return values !== undefined && values.length === 1 ? values[0] : undefined;
};
