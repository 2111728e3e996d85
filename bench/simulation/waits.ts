/** Waits in seconds, and how many waited so long. */
export class Waits {
  private readonly counts = new Map<number, number>();
  max = 0;
  total = 0;

  add(seconds: number, count: number): void {
    if (count <= 0) return;
    // Three digits are enough for a table, and bound the memory.
    const rounded = Number(seconds.toPrecision(3));
    this.counts.set(rounded, (this.counts.get(rounded) ?? 0) + count);
    this.max = Math.max(this.max, rounded);
    this.total += count;
  }

  partWithin(seconds: number): number {
    const within = [...this.counts].reduce((sum, [waited, count]) => sum + (waited <= seconds ? count : 0), 0);
    return this.total === 0 ? 1 : within / this.total;
  }

  /** The wait that so large a part did not exceed. */
  quantile(part: number): number {
    let left = part * this.total;
    for (const [seconds, count] of [...this.counts].sort(([a], [b]) => a - b)) {
      left -= count;
      if (left <= 0) return seconds;
    }
    return this.max;
  }
}
