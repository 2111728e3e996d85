/**
 * A payment provider: how it signs, names, times and identifies its events. One file under `src/providers` each; another
 * team can write one from this file alone.
 *
 * Rules that every provider keeps:
 * - `verify` looks at the exact bytes that arrived. Nothing is trusted, stored or answered before it says `verified`.
 * - Every configured secret is tried; which one matched is told. Comparison is constant-time over decoded bytes.
 * - *Not genuine* (`rejected`, answered 401) and *cannot know now* (`unavailable`, answered 503) are told apart.
 * - `parse` runs only on verified bytes. What it cannot understand it calls `unparsable`; the bytes are kept all the same.
 * - No clock, network, environment or state of its own: all of it comes in.
 */

import type { UnparsableReason } from '../read-json.ts';
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
}

/** Why a delivery is not genuine. Closed: the log has it, the sender never does. */
const REJECTION_REASONS = [
  'signature_missing',
  'signature_malformed',
  'signature_mismatch',
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

/** Settings of one provider out of the configuration; a provider reads those that concern it. */
export interface ProviderSettings {
  /** The public URL as registered with the provider, byte for byte (Square signs it). */
  readonly publicUrl: string | null;
  /** Either way, for schemes that sign a timestamp. */
  readonly toleranceMs: number;
  /** PayPal: how the signing certificate is trusted beyond its URL, name and validity. */
  readonly certificateTrust: 'strict' | 'host-pinned';
  /** PayPal, `strict`: PEM certificates that end a chain. Empty means the roots that come with Node. */
  readonly trustedRoots: readonly string[];
  /** PayPal, `strict`: PEM certificates between leaf and root; the certificate URL serves the leaf only. */
  readonly intermediates: readonly string[];
  /** PayPal: accept its simulator, which signs for everybody alike. Only for tests. */
  readonly isSimulatorAllowed: boolean;
}

export interface VerifyInput {
  readonly delivery: Delivery;
  /** At least one. */
  readonly secrets: readonly Secret[];
  readonly settings: ProviderSettings;
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
}

export type ParseOutcome =
  /** At least one event. */
  | { readonly outcome: 'parsed'; readonly events: readonly ProviderEvent[] }
  | { readonly outcome: 'unparsable'; readonly reason: UnparsableReason };

export interface SignInput {
  readonly body: Uint8Array;
  readonly secret: string;
  readonly settings: ProviderSettings;
  readonly now: EpochMs;
  /** A new unique id for schemes that sign one (PayPal transmission id, Standard Webhooks id when the body has none). */
  readonly deliveryId: string;
  /** PayPal: the private key (PEM) and the URL under which its certificate is served. */
  readonly certificate: { readonly url: string; readonly privateKeyPem: string } | null;
}

export interface SignedDelivery {
  readonly body: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Provider {
  /** In URLs, ids, settings: lower-case letters, digits, hyphens. */
  readonly name: string;
  /** For people: `Stripe`. */
  readonly title: string;
  /** Names of headers worth keeping with the webhook, lower case. Never one that could carry a password. */
  readonly storedHeaders: readonly string[];
  /**
   * Says what is wrong with a configured secret as an end of the sentence "secret 2 of stripe …", or null when it is
   * usable. Never contains the secret.
   */
  checkSecret(value: string): string | null;
  /** A fresh secret of the provider's shape, for local development. */
  generateSecret(randomBytes: (count: number) => Uint8Array): string;
  /** Synchronous where nothing has to be fetched: the hot path does not wait for a promise it does not need. */
  verify(input: VerifyInput): Verification | Promise<Verification>;
  /** `verification` is what `verify` said of this delivery. */
  parse(delivery: Delivery, verification: Verified): ParseOutcome;
  /** Signs as the provider would: for `payhook send`, tests and benchmarks. */
  sign(input: SignInput): SignedDelivery;
}

/** The only value of a header, or undefined when it is missing or comes more than once (which no provider does). */
export const singleHeader = (headers: DeliveryHeaders, name: string): string | undefined => {
  const values = headers.get(name);
  return values !== undefined && values.length === 1 ? values[0] : undefined;
};
