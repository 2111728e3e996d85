/** From the user's handlers module to what is called: everything made by `on(…)`, and `handle`. */
import { LIMITS } from '../core/limits.ts';
import type { Handler } from './handler.ts';
import type { EventHandler } from './on.ts';

export interface NamedEventHandler extends EventHandler {
  /** The name that the module exports it by. */
  readonly name: string;
}

export interface Handlers {
  /** Called with every webhook as the provider sent it; null when there is none. */
  readonly webhookHandler: Handler | null;
  /** In the order of their names. */
  readonly eventHandlers: readonly NamedEventHandler[];
}

/** What is to be known of a handler where it is not run. */
export type ListedHandler = Pick<NamedEventHandler, 'name' | 'patterns' | 'providers' | 'events'>;

export interface HandlerList {
  readonly hasWebhookHandler: boolean;
  readonly eventHandlers: readonly ListedHandler[];
}

export const listHandlers = ({ webhookHandler, eventHandlers }: Handlers): HandlerList => ({
  hasWebhookHandler: webhookHandler !== null,
  eventHandlers: eventHandlers.map(({ name, patterns, providers, events }) => ({ name, patterns, providers, events })),
});

export const NO_HANDLERS: Handlers = { webhookHandler: null, eventHandlers: [] };

/** What outcomes of `handle` are kept under. */
export const WEBHOOK_HANDLER_NAME = 'handle';

export type ReadHandlers =
  | { readonly outcome: 'read'; readonly handlers: Handlers }
  /** A sentence without its subject, the module. */
  | { readonly outcome: 'unusable'; readonly problem: string };

const isEventHandler = (value: unknown): value is EventHandler =>
  typeof value === 'object' && value !== null && 'handles' in value && value.handles === 'payment_events';

const isWebhookHandler = (value: unknown): value is Handler => typeof value === 'function';

const unusable = (problem: string): ReadHandlers => ({ outcome: 'unusable', problem });

/** Reads what a module exports. Other exports than handlers are nobody's business. */
export const readHandlers = (module: Readonly<Record<string, unknown>>): ReadHandlers => {
  const { handle } = module;
  if (handle !== undefined && !isWebhookHandler(handle) && !isEventHandler(handle)) {
    return unusable('exports a handle that is no function: export a function called handle(webhook, context)');
  }
  const eventHandlers = Object.entries(module)
    .filter((entry): entry is [string, EventHandler] => isEventHandler(entry[1]))
    .map(([name, handler]): NamedEventHandler => ({ ...handler, name }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  if (eventHandlers.length > LIMITS.handlersMax) {
    return unusable(`exports ${eventHandlers.length} handlers: at most ${LIMITS.handlersMax} are allowed`);
  }
  const webhookHandler = isWebhookHandler(handle) ? handle : null;
  if (webhookHandler === null && eventHandlers.length === 0) {
    return unusable(
      `exports ${Object.keys(module).join(', ') || 'nothing'}: it must export handlers made by on('payment.succeeded', …), or a function called handle(webhook, context)`,
    );
  }
  return { outcome: 'read', handlers: { webhookHandler, eventHandlers } };
};
