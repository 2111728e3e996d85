/** Write units of an on-demand table: what it takes now, and how that grows with what was used half an hour ago. */
import { DYNAMODB } from './assumptions.ts';

export class TableCapacity {
  /** Units a second. */
  units: number;
  private readonly used: number[] = new Array<number>(DYNAMODB.growthSeconds).fill(0);

  constructor(warmUnits: number) {
    this.units = warmUnits;
  }

  get partitions(): number {
    return Math.ceil(this.units / DYNAMODB.partitionUnits);
  }

  /** The part of the wanted units that this second has. Once a second. */
  grant(second: number, wanted: number): number {
    const slot = second % DYNAMODB.growthSeconds;
    this.units = Math.max(this.units, DYNAMODB.growthFactor * this.used[slot]!);
    const usable = this.units * DYNAMODB.usablePart;
    this.used[slot] = Math.min(wanted, usable);
    return wanted <= usable ? 1 : usable / wanted;
  }
}
