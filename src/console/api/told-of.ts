/** What whoever asks is told of an error, in an answer that has begun or not. */
import { PayhookError } from '../../core/errors.ts';
import type { ErrorJson } from '../api-types.ts';
import type { ConsoleDeps } from './console-deps.ts';

export const toldOf = (error: unknown, onBug: ConsoleDeps['onBug']): ErrorJson => {
  if (error instanceof PayhookError) return { error: error.code, message: error.message };
  onBug(error);
  return { error: 'internal', message: 'this is a bug of the console: what it printed says more' };
};
