/** Random numbers from a seed: the same seed gives the same simulation on every machine. */

export interface Draws {
  /** Uniform in [0, 1). */
  fraction(): number;
  exponential(mean: number): number;
  /** How many of `count` happen when each does with this probability. */
  binomial(count: number, probability: number): number;
  poisson(mean: number): number;
}

/** Below this variance both are drawn one by one, above it from the normal distribution, which then fits within 1 %. */
const NORMAL_VARIANCE_MIN = 25;
const UINT32 = 2 ** 32;

export const seededDraws = (seed: number): Draws => {
  let state = seed >>> 0;
  /** Mulberry32 (Tommy Ettinger, public domain): 32 bits of state are enough for fractions of a simulation. */
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / UINT32;
  };
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - fraction())) * Math.cos(2 * Math.PI * fraction());
  /** How often something with this probability fails before it happens. */
  const misses = (probability: number): number => Math.floor(Math.log(1 - fraction()) / Math.log1p(-probability));
  const binomial = (count: number, probability: number): number => {
    if (count <= 0 || probability <= 0) return 0;
    if (probability >= 1) return count;
    if (probability > 0.5) return count - binomial(count, 1 - probability);
    const variance = count * probability * (1 - probability);
    if (variance >= NORMAL_VARIANCE_MIN) {
      return Math.min(count, Math.max(0, Math.round(count * probability + Math.sqrt(variance) * normal())));
    }
    let happened = 0;
    for (let tried = misses(probability) + 1; tried <= count; tried += misses(probability) + 1) happened += 1;
    return happened;
  };
  const exponential = (mean: number): number => -Math.log(1 - fraction()) * mean;
  const poisson = (mean: number): number => {
    if (mean >= NORMAL_VARIANCE_MIN) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()));
    let count = 0;
    for (let sum = exponential(1); sum <= mean; sum += exponential(1)) count += 1;
    return count;
  };
  return { fraction, exponential, binomial, poisson };
};
