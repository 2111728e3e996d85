/** Loads the user's handlers module. */
import { pathToFileURL } from 'node:url';
import { PayhookError } from '../../core/errors.ts';
import { type Handlers, readHandlers } from '../../handlers/read-handlers.ts';

/** Throws `configuration_invalid` when the module cannot be loaded or exports no handler. */
export const loadHandlers = async (path: string): Promise<Handlers> => {
  let module: Readonly<Record<string, unknown>>;
  try {
    module = await import(pathToFileURL(path).href);
  } catch (error) {
    const reason = error instanceof Error ? `${error.name}: ${error.message.split('\n')[0]}` : String(error);
    throw new PayhookError('configuration_invalid', `the handlers module ${path} cannot be loaded: ${reason}`, {
      cause: error,
    });
  }
  const read = readHandlers(module);
  if (read.outcome === 'read') return read.handlers;
  throw new PayhookError('configuration_invalid', `the handlers module ${path} ${read.problem}`);
};
