/** One request to the API of a provider, with a credential of ours. */
import type { EpochMs } from '../webhook.ts';

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  /** `https`, or on this machine `http`. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export type ApiAnswer =
  | {
      readonly outcome: 'answered';
      readonly status: number;
      /** Milliseconds that we are asked to wait; null where nothing is said. */
      readonly retryAfterMs: number | null;
      /** When, by the clock of whoever answered; absent where it does not say. */
      readonly answeredAt?: EpochMs;
      readonly body: Uint8Array;
    }
  /** There was no whole answer, in time and within its size. `reason` is a code. */
  | { readonly outcome: 'failed'; readonly reason: string };

/** Never throws, follows no redirect (a credential goes to one host), and says nothing of what was sent. */
export type CallApi = (request: ApiRequest) => Promise<ApiAnswer>;
