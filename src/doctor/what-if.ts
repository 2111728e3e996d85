/** One thing that may have gone wrong, undone: what the doctor judges again. And what a provider knows to try. */
import type { Delivery, DeliveryHeaders, Provider, RejectionReason, VerifyInput } from '../core/ports/provider.ts';
import type { Secret } from '../core/ports/secret-source.ts';
import type { Diagnosis, SecretDamage } from './diagnosis.ts';

/** An endpoint of ours: a provider with what we hold for it. */
export interface Endpoint<Settings = unknown> {
  readonly provider: Provider<Settings>;
  readonly settings: Settings;
  readonly secrets: readonly Secret[];
}

export interface DoctorCase<Settings = unknown> {
  readonly provider: Provider<Settings>;
  /** The delivery, and all with which it was found not to be genuine. */
  readonly input: VerifyInput<Settings>;
  /** What else is ours. Secrets of the same provider are those that the delivery was not judged with. */
  readonly others: readonly Endpoint[];
  /** Of the configuration. */
  readonly mode: 'live' | 'test' | undefined;
}

export interface WhatIf {
  readonly input: VerifyInput;
  /** Whose rules apply. @default the provider's that it came to */
  readonly provider?: Provider;
  /** What is true if it verifies; by the secret that verified it. */
  readonly diagnosis: (secretId: string) => Diagnosis;
}

/** Lazily: each is made when the one before has failed, and while there is work left to do. */
export type WhatIfs = Iterable<WhatIf>;

/** A provider's part of the doctor, in its own folder: what can go wrong with it alone, and how it writes. */
export interface ProviderDoctor<Settings = unknown> {
  /** Headers without which this delivery cannot be verified, lower case, that of the signature first. @default its secret headers */
  neededHeaders?(headers: DeliveryHeaders): readonly string[];
  /** False where the signature covers fields, so that it does not matter how the body is written. @default true */
  isBodySigned?(headers: DeliveryHeaders): boolean;
  /** Keys that it writes first, in this order, before all others by the alphabet. @default nothing is known of its order */
  readonly keysFirst?: readonly string[];
  /** Shorter ones are cut off. */
  isWholeSecret?(value: string): boolean;
  /** What its secrets begin with. */
  readonly secretPrefix?: string;
  /** Further readings of a secret's text, with what was done to it. */
  secretForms?(value: string): readonly (readonly [SecretDamage, string])[];
  /** What the delivery says of its mode, unproven. */
  modeSaid?(delivery: Delivery): 'live' | 'test' | null;
  /** What only this provider can get wrong, likeliest first. */
  whatIfs?(doctorCase: DoctorCase<Settings>): WhatIfs;
  /** What can be said when nothing has made it verify. */
  explain?(doctorCase: DoctorCase<Settings>, reason: RejectionReason): Promise<Diagnosis | null> | Diagnosis | null;
}

/** The same delivery with another body, other headers or another address. */
export const withDelivery = <Settings>(
  input: VerifyInput<Settings>,
  change: Partial<Delivery>,
): VerifyInput<Settings> => ({ ...input, delivery: { ...input.delivery, ...change } });

export const withHeader = <Settings>(
  input: VerifyInput<Settings>,
  name: string,
  value: string,
): VerifyInput<Settings> => withDelivery(input, { headers: new Map([...input.delivery.headers, [name, [value]]]) });
