/**
 * Notices a list whose pages lead back to where they were, however long its way round: by Brent's method, which remembers one
 * cursor, so that a run that goes on with what another began knows it too.
 */
import { LIMITS } from '../core/limits.ts';
import type { Trail } from '../core/ports/reconcile-checkpoints.ts';

/** Before the first page. */
export const NO_TRAIL: Trail = { pages: 0, landmark: null };

/** Null when the list was here before, or the cursor is longer than one may be. */
export const followCursor = ({ pages, landmark }: Trail, next: string): Trail | null => {
  if (next === landmark || next.length > LIMITS.listCursorCharsMax) return null;
  const behind = pages + 1;
  return { pages: behind, landmark: Number.isInteger(Math.log2(behind)) ? next : landmark };
};
