/** How often a property is tried: in CI as often as it says, at a desk a fifth of that, so that an edit is checked at once. */
import fc from 'fast-check';

const FRACTION = process.env.CI === undefined ? 1 / 5 : 1;

/** Fast-check's parameter for a property that wants more or fewer than its usual hundred runs. */
export const runs = (inCi: number): { readonly numRuns: number } => ({ numRuns: Math.ceil(inCi * FRACTION) });

fc.configureGlobal(runs(100));
