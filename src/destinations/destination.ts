/** Where payment events are delivered on: a port, with its contract. HTTP endpoint, EventBridge bus, file. */

/** One payment event on its way out. The same event has the same bytes on every attempt. */
export interface DestinationMessage {
  /** The event's id: the same on every attempt and replay, so that who receives it can tell what it has seen. */
  readonly id: string;
  /** `payment.succeeded` and the like. */
  readonly type: string;
  /** When it happened, by the provider's clock; ISO 8601, null when unknown. */
  readonly occurredAt: string | null;
  /** JSON, UTF-8: `{ "type", "timestamp", "data" }`; see `message.ts`. */
  readonly body: string;
}

export type SendOutcome =
  | { readonly outcome: 'delivered' }
  | {
      readonly outcome: 'failed';
      /** Codes, for metrics and lists. */
      readonly reason: SendFailure;
      /** One sentence for an operator: no payload, no secret. At most `lastErrorCharsMax`. */
      readonly detail: string;
      /** How long the destination asks us to wait (`Retry-After`); null when it does not say. */
      readonly retryAfterMs: number | null;
      /** True when any other message would have failed now too: such failures open the circuit. */
      readonly isDestinationDown: boolean;
    };

export type SendFailure =
  | 'timed_out'
  | 'not_reachable'
  | 'address_refused'
  | 'redirected'
  | 'answered_4xx'
  | 'answered_429'
  | 'answered_5xx'
  | 'not_accepted'
  | 'not_written';

export interface Destination {
  readonly name: string;
  readonly kind: 'http' | 'eventbridge' | 'ndjson';
  /** How many messages one call of `send` may have. */
  readonly messagesMax: number;
  /**
   * Sends the messages, in their order where the technology has one. Returns one result for each, in order: a failed
   * one says nothing about the others. Bounded in time by itself and by `signal`. Never throws for what the destination
   * does; throws for what is broken here (`secrets_unavailable`, `configuration_invalid`).
   */
  send(messages: readonly DestinationMessage[], signal: AbortSignal): Promise<readonly SendOutcome[]>;
}
