/** What escapes from a handler on Lambda, whose runtime would end the environment for it, with all webhooks of its batch. */
import type { Logger } from '../../core/ports/logger.ts';
import { watchEscapedErrors } from '../../handlers/escaped-errors.ts';

/**
 * Takes the place of the runtime's own listeners, which are there before a function's module is loaded. What comes from a
 * call under way is that call's failure; anything else is a line in the log, and the environment lives on.
 */
export const surviveEscapedErrors = (logger: Logger): Disposable => {
  for (const event of ['unhandledRejection', 'uncaughtException'] as const) process.removeAllListeners(event);
  return watchEscapedErrors({
    onUnattributed: ({ by, handler, errorClass }) =>
      logger.error('handler.error_escaped', {
        ...(handler === null ? {} : { handler }),
        reason: by,
        kind: errorClass,
      }),
  });
};
