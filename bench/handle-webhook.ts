/** The least that a handler does: it reads the payload. So unsealing and parsing are part of what is measured. */
import type { Handler } from '../src/handlers/handler.ts';

export const handle: Handler = async (webhook) => {
  if (webhook.json() === null) throw new TypeError('an event is never null');
};
