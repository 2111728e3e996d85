/**
 * What the server and the process of the handlers say to each other. The server's messages are serialized by V8, for they
 * have bytes and large integers in them; the other side's are JSON, for they are not to be trusted.
 */
import type { Effects } from '../../core/effects.ts';
import type { LogFields } from '../../core/ports/logger.ts';
import type { EpochMs } from '../../core/webhook.ts';
import type { AppliedEvent, CalledHandlers, CallProgress } from '../../handlers/call-handlers.ts';
import type { EscapedError } from '../../handlers/escaped-errors.ts';
import type { HandledWebhook } from '../../handlers/handler.ts';
import type { HandlerList } from '../../handlers/read-handlers.ts';

/** The pipe between the two, as both processes number it. */
export const CHANNEL_FD = 3;

/** What the thread that watches the process writes before it ends it, on standard error. */
export const TOO_MUCH_MEMORY = 'payhook: the handlers use more memory than they may';

export interface CallMessage {
  readonly kind: 'call';
  readonly id: number;
  /** All but what is made of its payload. */
  readonly webhook: Omit<HandledWebhook, 'json'>;
  readonly events: readonly AppliedEvent[];
  readonly before: Effects;
  readonly now: EpochMs;
  /** By `monotonicMs`. A call that could not begin until then is given back. */
  readonly beginUntil: number;
  /** Nothing runs beside it: somebody wants to know at any time how far it has come. */
  readonly isAlone: boolean;
  /** Handlers that are not to be called now, and for how long, in milliseconds. */
  readonly resting: ReadonlyMap<string, number>;
}

/** How a call of a handler ended, for its circuit. */
export interface EndedCall {
  readonly handler: string;
  readonly how: 'answered' | 'failed' | 'cut_off';
}

export type ToHandlers =
  | {
      readonly kind: 'load';
      readonly path: string;
      readonly handlerMsMax: number;
      readonly residentBytesMax: number;
      readonly serverPid: number;
    }
  | CallMessage
  | { readonly kind: 'stopping' };

export type FromHandlers =
  | { readonly kind: 'ready'; readonly handlers: HandlerList }
  /** A whole sentence. */
  | { readonly kind: 'unusable'; readonly problem: string }
  /** At the beginning of each call; afterwards only of one that is alone. */
  | ({ readonly kind: 'progress'; readonly id: number } & CallProgress)
  | {
      readonly kind: 'answered';
      readonly id: number;
      readonly called: CalledHandlers;
      readonly ended: readonly EndedCall[];
    }
  | { readonly kind: 'not_begun'; readonly id: number }
  | {
      readonly kind: 'log';
      readonly level: 'info' | 'warn' | 'error';
      readonly event: string;
      readonly fields: LogFields;
    }
  /** `count`: how many more like it were not told one by one. */
  | ({ readonly kind: 'escaped'; readonly count: number } & EscapedError)
  /** Takes no more calls. */
  | { readonly kind: 'retiring' };

/** A clock that all processes of a machine share and that never jumps. */
export const monotonicMs = (): number => Number(process.hrtime.bigint() / 1_000_000n);
