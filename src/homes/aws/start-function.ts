/** How every function starts: what is wrong with it is said once, at init, in its log; it then never takes an event. */

import type { BakedSettings } from '../../config/baked-settings.ts';
import { asPayhookError } from '../../core/errors.ts';
import type { Logger } from '../../core/ports/logger.ts';

/** What the bundle hands to a function: see `infra/deploy/build-functions.ts`. */
export interface StartInput {
  readonly settings: BakedSettings;
  /** What the user's handlers module exports; null when there is none, or the function calls none. */
  readonly handlersModule: Readonly<Record<string, unknown>> | null;
}

/** Runs `compose`; logs what it throws, as one sentence, and throws it on: Lambda then reports an init error. */
export const startFunction = async <Handle>(logger: Logger, compose: () => Promise<Handle>): Promise<Handle> => {
  try {
    return await compose();
  } catch (thrown) {
    const { code, message } = asPayhookError(thrown);
    logger.error('function.not_started', { code, message });
    throw thrown;
  }
};
