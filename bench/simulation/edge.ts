/** What stands before the receiver: WAF's rate of each address, and the token bucket of the stage. */

/** WAF counts over its shortest window. */
const WINDOW_SECONDS = 60;

/** Everything that an address sent within the window counts, refused or not; above the limit all of it is refused. */
export class AddressRate {
  private readonly counts: number[] = new Array<number>(WINDOW_SECONDS).fill(0);
  private sum = 0;
  private readonly limit: number;

  constructor(requestsPerSecond: number, addresses: number) {
    this.limit = requestsPerSecond * WINDOW_SECONDS * addresses;
  }

  /** How many of these requests of one second pass. Once a second. */
  pass(second: number, requests: number): number {
    const slot = second % WINDOW_SECONDS;
    this.sum += requests - this.counts[slot]!;
    this.counts[slot] = requests;
    return Math.min(requests, Math.max(0, this.limit - (this.sum - requests)));
  }
}

export class TokenBucket {
  private tokens: number;
  private filledAt = 0;
  private readonly perSecond: number;
  private readonly burst: number;

  constructor(perSecond: number, burst: number) {
    this.perSecond = perSecond;
    this.burst = burst;
    this.tokens = burst;
  }

  /** How many of these requests get a token; `at` in seconds. */
  take(at: number, requests: number): number {
    this.tokens = Math.min(this.burst, this.tokens + (at - this.filledAt) * this.perSecond);
    this.filledAt = at;
    const taken = Math.min(requests, Math.floor(this.tokens));
    this.tokens -= taken;
    return taken;
  }

  /** The same for requests that are spread over the second that begins at `at`: they also get what it is filled with meanwhile. */
  takeSpread(at: number, requests: number): number {
    this.take(at, 0);
    const taken = Math.min(requests, Math.floor(this.tokens + this.perSecond));
    this.tokens = Math.min(this.burst, this.tokens + this.perSecond - taken);
    this.filledAt = at + 1;
    return taken;
  }
}
