/** The body of a request, which `guard.ts` has seen to be JSON. */
import type { Context } from 'hono';
import { PayhookError } from '../../core/errors.ts';

/** Throws `usage_wrong` for what is no JSON. */
export const bodyOf = async (context: Context): Promise<unknown> => {
  const text = await context.req.text();
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new PayhookError('usage_wrong', 'what was sent is no JSON', { cause: error });
  }
};
