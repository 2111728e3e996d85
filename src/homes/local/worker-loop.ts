/**
 * The worker of the local home: claims what is due, processes a bounded number at once, sleeps when there is nothing to
 * do. Work of a worker that died comes back when its lease ends.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { asPayhookError } from '../../core/errors.ts';
import type { Logger } from '../../core/ports/logger.ts';
import type { Claim, WorkClaims } from '../../core/ports/queue.ts';

export interface WorkerLoopDeps {
  readonly queue: WorkClaims;
  /** Never throws. */
  readonly attemptClaim: (claim: Claim) => Promise<void>;
  readonly logger: Logger;
  readonly concurrency: number;
  readonly leaseMs: number;
  /** Whether many deliveries wait for their answer: they come first, and processing goes on slowly until they have it. */
  readonly isReceivingBusy: () => boolean;
  /** How long the loop sleeps when nothing is due and nobody wakes it. @default 250 */
  readonly idleMs?: number;
}

export interface WorkerLoop {
  /** There may be work. Cheap; called after each accepted delivery. */
  wake(): void;
  /** Webhooks that are being processed. */
  underway(): number;
  /** Claims no more; resolves when what was claimed is done, or after `waitMsMax`: the rest comes back by its lease. */
  stop(waitMsMax: number): Promise<void>;
}

/** After each claim: what arrives meanwhile is claimed together. Without it every webhook costs commits of its own. */
const CLAIM_PAUSE_MS = 5;
/** While receiving is busy: claims at a time, and the pause after them. Never nothing: a peak may last for hours. */
const BUSY_CLAIMS_MAX = 16;
const BUSY_PAUSE_MS = 50;
/** After the queue failed: long enough not to spin, short enough to go on soon. */
const FAILURE_PAUSE_MS = 1000;

export const startWorkerLoop = (deps: WorkerLoopDeps): WorkerLoop => {
  const { queue, logger, concurrency, leaseMs, idleMs = 250 } = deps;
  let isStopping = false;
  let underway = 0;
  let hasWork = true;
  let rouse: () => void = () => undefined;

  const wait = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      rouse = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  const runOne = async (claim: Claim): Promise<void> => {
    await deps.attemptClaim(claim);
    underway -= 1;
    rouse();
  };

  /** Claims as many as there is room for; returns whether there may be more. */
  const claimOnce = async (): Promise<boolean> => {
    const isBusy = deps.isReceivingBusy();
    const room = Math.min(concurrency - underway, isBusy ? BUSY_CLAIMS_MAX : concurrency);
    const claims = await queue.claim(room, leaseMs);
    underway += claims.length;
    for (const claim of claims) void runOne(claim);
    if (claims.length > 0) await pause(isBusy ? BUSY_PAUSE_MS : CLAIM_PAUSE_MS);
    return claims.length === room;
  };

  const run = async (): Promise<void> => {
    while (!isStopping) {
      // Half of the room at once: claiming one by one would cost a commit for each.
      if (underway > concurrency / 2) {
        await wait(idleMs);
        continue;
      }
      hasWork = false;
      try {
        hasWork = (await claimOnce()) || hasWork;
      } catch (thrown) {
        const { code, message } = asPayhookError(thrown);
        if (!isStopping) logger.error('queue.claim_failed', { code, message });
        await wait(FAILURE_PAUSE_MS);
      }
      if (!hasWork && !isStopping) await wait(idleMs);
    }
    while (underway > 0) await wait(idleMs);
  };

  const finished = run();
  return {
    wake() {
      hasWork = true;
      rouse();
    },
    underway: () => underway,
    async stop(waitMsMax) {
      isStopping = true;
      rouse();
      const { promise: tooLong, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, waitMsMax);
      await Promise.race([finished, tooLong]);
      clearTimeout(timer);
    },
  };
};
