/** The endpoints that a provider delivers to, as its API keeps them: for those of ours that are disabled, or hear too little. */
import type { Mode } from '../webhook.ts';
import type { Refusal } from './provider-events.ts';

export interface RegisteredEndpoint {
  /** The provider's. */
  readonly id: string;
  readonly url: string;
  /** False where the provider sends nothing to it, by somebody's wish or because it kept failing. */
  readonly isEnabled: boolean;
  /** What it is subscribed to; `*` for everything. */
  readonly eventTypes: readonly string[];
  /** In which its events are written; null where the provider does not say. */
  readonly apiVersion: string | null;
  /** Its events name what they are about and carry none of it. @default they carry it */
  readonly isThin?: boolean;
}

export type EndpointRefusal =
  | Refusal
  /** The request was understood, and is not allowed, such as a URL that cannot be reached from there. `reason` is a code. */
  | { readonly outcome: 'refused'; readonly reason: string };

export type EndpointsOutcome =
  | {
      readonly outcome: 'endpoints';
      readonly endpoints: readonly RegisteredEndpoint[];
      /** What the credential may not list beside them, where there is such a thing. @default they are all */
      readonly notListed?: { readonly what: string; readonly reason: string };
    }
  | Refusal;

export type WrittenEndpoint =
  | {
      readonly outcome: 'written';
      readonly endpoint: RegisteredEndpoint;
      /**
       * What its deliveries are verified with, where the provider gives it with the endpoint: it may be the only time. A secret,
       * but of PayPal's, which is the endpoint's id.
       */
      readonly secret: string | null;
    }
  | EndpointRefusal;

export interface EndpointToCreate {
  readonly url: string;
  readonly eventTypes: readonly string[];
  /** The same for a request that is made again: no second endpoint comes of it, where the provider keeps to that. */
  readonly requestId: string;
}

/** What is not named stays as it is. */
export interface EndpointChange {
  readonly url?: string;
  readonly eventTypes?: readonly string[];
  readonly isEnabled?: boolean;
}

export interface ProviderEndpoints {
  /** Whether the provider has endpoints that are registered and disabled. */
  readonly canBeDisabled: boolean;
  /** All of them, disabled ones too, which are few. Never throws, and never says anything that came with the credential. */
  list(): Promise<EndpointsOutcome>;
  /** Never throws. After anything but `written` it may be there all the same: list before creating it again. */
  create(endpoint: EndpointToCreate): Promise<WrittenEndpoint>;
  /** Never throws. */
  update(id: string, change: EndpointChange): Promise<WrittenEndpoint>;
}

/** The endpoints of what one credential is of. */
export interface EndpointSource {
  readonly provider: string;
  /** `stripe:live`. */
  readonly id: string;
  readonly mode: Mode;
  readonly credentialId: string;
  /** Types of the provider that no endpoint can be subscribed to any more: they are sent by older ones. */
  readonly formerTypes: readonly string[];
  readonly endpoints: ProviderEndpoints;
}
