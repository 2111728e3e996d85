/** The console as a server on this machine, and nowhere else. */
import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { PayhookError } from '../../core/errors.ts';
import { LIMITS } from '../../core/limits.ts';
import { createConsoleApp } from './console-app.ts';
import type { ConsoleDeps } from './console-deps.ts';
import { createSessions } from './sessions.ts';
import { createWaitingBrowsers } from './waiting-browsers.ts';

const LOOPBACK = '127.0.0.1';

export interface RunningConsole {
  readonly port: number;
  /** A link that begins one session; the token in it is in no log, because it stands behind a `#`. */
  newLink(): string;
  /** Where a browser comes to that has no link. */
  readonly url: string;
  /** Lets in the browser that shows this number; false where none does. */
  admit(number: string): boolean;
  stop(): Promise<void>;
}

/** `port` 0 lets the system choose. */
export const startConsole = async (
  deps: Omit<ConsoleDeps, 'port'>,
  port: number,
  stalledMsMax: number = LIMITS.consoleStalledMsMax,
): Promise<RunningConsole> => {
  const sessions = createSessions({ clock: deps.home.clock, randomness: deps.randomness });
  const waiting = createWaitingBrowsers({ ...deps, clock: deps.home.clock, newToken: sessions.newToken });
  let app: ReturnType<typeof createConsoleApp> | undefined;
  const server = createAdaptorServer({
    fetch: (request) => app?.fetch(request) ?? new Response(null, { status: 503 }),
    serverOptions: { maxHeaderSize: LIMITS.headerBytesMax },
    hostname: LOOPBACK,
  }) as Server;
  server.headersTimeout = LIMITS.requestHeadersMsMax;
  server.requestTimeout = LIMITS.requestMsMax;
  server.maxConnections = LIMITS.consoleConnectionsMax;
  // Ends what is being written there, too.
  server.timeout = stalledMsMax;
  const listening = await listen(server, port);
  app = createConsoleApp({ ...deps, port: listening }, sessions, waiting);
  const url = `http://${LOOPBACK}:${listening}/login`;
  return {
    port: listening,
    url,
    newLink: () => `${url}#${sessions.newToken()}`,
    admit: waiting.admit,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

const listen = (server: Server, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why =
        error.code === 'EADDRINUSE'
          ? `port ${port} is taken: set PAYHOOK_CONSOLE_PORT to another one, or to 0`
          : `the console cannot listen on port ${port}: ${error.message}`;
      reject(new PayhookError('configuration_invalid', why, { cause: error }));
    });
    server.listen(port, LOOPBACK, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
