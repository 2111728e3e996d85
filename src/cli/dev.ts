/**
 * `payhook dev`: the server for whoever writes handlers. They are read again when their module changes, each delivery is a
 * line for a person, and raw webhooks go on to an application that still verifies for itself.
 */

import type { CommandContext } from './command-context.ts';
import { createDeliveryLog } from './delivery-log.ts';
import { createForward } from './forward-delivery.ts';
import type { ExitCode } from './report-failure.ts';
import { serve } from './serve.ts';
import { watchHandlers } from './watch-handlers.ts';

export interface DevOptions {
  /** `{provider}` in it stands for the name of the provider. */
  readonly forward?: string;
}

/** Resolves with the exit code when the server has stopped. */
export const dev = (context: CommandContext, { forward: url }: DevOptions): Promise<ExitCode> => {
  const logger = createDeliveryLog(context);
  const forward = url === undefined ? undefined : createForward(context, url);
  return serve(context, {
    logger,
    ...(forward === undefined ? {} : { onReceived: forward.take }),
    onStarted(server, settings) {
      if (url !== undefined) context.print(`  Genuine webhooks go on to ${url} as they came`);
      const watching = watchHandlers(context, settings, () => server.reloadHandlers());
      return async () => {
        await watching?.close();
        await forward?.close();
      };
    },
  });
};
