/** A handler that does nothing: what is measured is everything around it. */
import { on } from '../src/handlers/on.ts';

export const book = on('payment.succeeded', async () => undefined);
