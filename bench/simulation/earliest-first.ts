/** Times of events that are to come, the earliest first: a binary heap of numbers. */
export class EarliestFirst {
  private readonly times: number[] = [];

  get size(): number {
    return this.times.length;
  }

  add(time: number): void {
    const { times } = this;
    let index = times.push(time) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (times[parent]! <= time) break;
      times[index] = times[parent]!;
      index = parent;
    }
    times[index] = time;
  }

  removeUntil(time: number): void {
    while (this.times.length > 0 && this.times[0]! <= time) this.removeEarliest();
  }

  private removeEarliest(): void {
    const { times } = this;
    const last = times.pop()!;
    const { length } = times;
    if (length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= length) break;
      if (child + 1 < length && times[child + 1]! < times[child]!) child += 1;
      if (times[child]! >= last) break;
      times[index] = times[child]!;
      index = child;
    }
    times[index] = last;
  }
}
