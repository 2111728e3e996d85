/** A webhook as handlers are given it. */
import { type JsonValue, readJson } from '../core/read-json.ts';
import type { HandledWebhook } from './handler.ts';

/** The payload is read as JSON when a handler asks for it, and each time anew: what one handler does to it another does not see. */
export const withJson = (webhook: Omit<HandledWebhook, 'json'>): HandledWebhook => ({
  ...webhook,
  json: (): JsonValue => {
    const read = readJson(webhook.payload);
    if (read.outcome === 'unreadable') throw new TypeError(`payload is not JSON: ${read.reason}`);
    return read.value;
  },
});
