/**
 * Entry of the process that handlers run in. It calls them when the server says so, and answers with what became of it;
 * nothing that they do reaches the server but through the messages on one pipe, which the server reads with suspicion.
 */
import { Socket } from 'node:net';
import { deserialize } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { asPayhookError } from '../../core/errors.ts';
import { startedModule } from '../../core/started-module.ts';
import { createCallHandlers } from '../../handlers/call-handlers.ts';
import { watchEscapedErrors } from '../../handlers/escaped-errors.ts';
import { withJson } from '../../handlers/handled-webhook.ts';
import { type Handlers, listHandlers, NO_HANDLERS } from '../../handlers/read-handlers.ts';
import { createFrameReader, frameOf } from './frames.ts';
import { createCallLogger, createEscapedTeller } from './handler-log.ts';
import {
  type CallMessage,
  CHANNEL_FD,
  type EndedCall,
  type FromHandlers,
  monotonicMs,
  type ToHandlers,
} from './handler-messages.ts';
import type { WatchData } from './handler-process-watch.ts';
import { loadHandlers } from './load-handlers.ts';

const channel = new Socket({ fd: CHANNEL_FD, readable: true, writable: true });
const stopping = new AbortController();
let handlers: Handlers = NO_HANDLERS;
let handlerMsMax = 0;
let isRetiring = false;

const send = (message: FromHandlers): void => void channel.write(frameOf(Buffer.from(JSON.stringify(message))));

const load = async ({ path, serverPid, residentBytesMax, ...limits }: ToHandlers & { kind: 'load' }): Promise<void> => {
  const workerData: WatchData = { serverPid, residentBytesMax };
  const watch = new Worker(startedModule('handler-process-watch', import.meta.url), {
    workerData,
    resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 1 },
  });
  // Without it nothing would end the process when the server is gone.
  watch.on('exit', () => process.exit(1));
  handlerMsMax = limits.handlerMsMax;
  try {
    handlers = await loadHandlers(path);
    send({ kind: 'ready', handlers: listHandlers(handlers) });
  } catch (error) {
    send({ kind: 'unusable', problem: asPayhookError(error).message });
  }
};

const call = async ({ id, webhook, events, before, now, beginUntil, isAlone, resting }: CallMessage): Promise<void> => {
  if (isRetiring || monotonicMs() > beginUntil) {
    send({ kind: 'not_begun', id });
    return;
  }
  const { logger, end } = createCallLogger(send, webhook.webhookId);
  const ended: EndedCall[] = [];
  let hasBegun = false;
  const callHandlers = createCallHandlers({
    handlers,
    handlerMsMax,
    clock: { now: () => now },
    // Circuits are the server's: they outlive this process.
    circuits: {
      begin: (handler) => resting.get(handler) ?? null,
      ended: (handler, how) => void ended.push({ handler, how }),
    },
    logger,
    stopping: stopping.signal,
    onProgress(progress) {
      if (hasBegun && !isAlone) return;
      hasBegun = true;
      send({ kind: 'progress', id, ...progress });
    },
  });
  const called = await callHandlers(withJson(webhook), events, before, isAlone);
  end();
  send({ kind: 'answered', id, called, ended });
};

const take = (message: ToHandlers): void => {
  switch (message.kind) {
    case 'load':
      void load(message);
      break;
    case 'call':
      void call(message);
      break;
    case 'stopping':
      stopping.abort();
      break;
    default:
      message satisfies never;
  }
};

watchEscapedErrors({
  onUnattributed: createEscapedTeller(send),
  onException() {
    if (!isRetiring) send({ kind: 'retiring' });
    isRetiring = true;
  },
});

// A terminal or a supervisor asks every process at once to end. This one ends when its server has no more use for it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

channel.on(
  'data',
  createFrameReader({
    messageBytesMax: Number.POSITIVE_INFINITY,
    onMessage: (message) => take(deserialize(message)),
    onTooLarge: () => undefined,
  }),
);
channel.on('error', () => process.exit(0));
channel.on('close', () => process.exit(0));
channel.on('end', () => process.exit(0));
