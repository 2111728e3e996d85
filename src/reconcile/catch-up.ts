/** One list up to now, for whoever reconciles: a loop, a function, a command. */
import type { Actor } from '../core/webhook.ts';
import type { Reconcile } from './reconcile.ts';
import type { RunReport } from './reconcile-source.ts';

/** Who has recovered what no operator asked for. */
export const RECONCILER: Actor = { type: 'component', id: 'reconciler' };

/** Two runs where the first has ended what an earlier one had begun. Throws what a run throws. */
export const catchUp = async (
  run: Reconcile,
  input: Parameters<Reconcile>[0],
): Promise<readonly [RunReport, ...RunReport[]]> => {
  const first = await run(input);
  return first.isResumed && first.end.outcome === 'complete' ? [first, await run(input)] : [first];
};
