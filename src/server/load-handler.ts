/** Loads the user's handlers module and finds its `handle`. */
import { pathToFileURL } from 'node:url';
import { PayhookError } from '../core/errors.ts';
import type { Handler } from '../core/ports/handler.ts';

const isHandler = (value: unknown): value is Handler => typeof value === 'function';

/** Throws `configuration_invalid` when the module cannot be loaded or exports no function called `handle`. */
export const loadHandler = async (path: string): Promise<Handler> => {
  let module: { handle?: unknown };
  try {
    module = await import(pathToFileURL(path).href);
  } catch (error) {
    const reason = error instanceof Error ? `${error.name}: ${error.message.split('\n')[0]}` : String(error);
    throw new PayhookError('configuration_invalid', `the handlers module ${path} cannot be loaded: ${reason}`, {
      cause: error,
    });
  }
  if (isHandler(module.handle)) return module.handle;
  throw new PayhookError(
    'configuration_invalid',
    `the handlers module ${path} exports ${Object.keys(module).join(', ') || 'nothing'}: it must export a function called handle(webhook, context)`,
  );
};
