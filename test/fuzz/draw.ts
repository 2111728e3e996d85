/** Repeatable chance: the same seed and number draw the same, so that one case can be looked at alone. */
export interface Draw {
  /** 0 to `below` - 1. */
  int(below: number): number;
  chance(of: number): boolean;
  /** One of at least one. */
  one<T>(items: readonly T[]): T;
}

/** SplitMix32: each number of a seed starts a sequence of its own. */
export const drawOf = (seed: number, number: number): Draw => {
  let state = (Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) + Math.imul(number, 0xc2b2ae35)) | 0;
  const next = (): number => {
    state = (state + 0x9e3779b9) | 0;
    let bits = state ^ (state >>> 16);
    bits = Math.imul(bits, 0x21f0aaad);
    bits ^= bits >>> 15;
    bits = Math.imul(bits, 0x735a2d97);
    return (bits ^ (bits >>> 15)) >>> 0;
  };
  const int = (below: number): number => Math.floor((next() / 2 ** 32) * below);
  return {
    int,
    chance: (of) => next() / 2 ** 32 < of,
    one: <T>(items: readonly T[]): T => items[int(items.length)] as T,
  };
};
