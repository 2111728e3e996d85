/** The AWS home, second by second: what arrives goes through edge, receiver, tables, queue, processor and audit. */
import { COST_USD, DYNAMODB, LAMBDA, PROVIDERS, TIMES, USAGE } from './assumptions.ts';
import { AddressRate, TokenBucket } from './edge.ts';
import { type Cohort, ProviderRetries } from './provider-retries.ts';
import { Receiver } from './receiver.ts';
import type { Draws } from './seeded-draws.ts';
import type { StackSettings } from './stack-settings.ts';
import { TableCapacity } from './table-capacity.ts';
import { Waits } from './waits.ts';
import { Work } from './work.ts';

/** The world around it in one second. */
export interface Weather {
  /** First attempts a second, on average. */
  readonly arrivals: number;
  readonly isDownstreamOut: boolean;
  readonly isDynamodbBrown: boolean;
}

/** What happened in one second. */
export interface SecondSeen {
  readonly sent: number;
  readonly received: number;
  readonly throttledByFirewall: number;
  readonly throttledByStage: number;
  readonly throttledByLambda: number;
  readonly throttledByTable: number;
  readonly processed: number;
  readonly rested: number;
  /** Seconds from the first attempt, of all that were received; and since then, of all that were processed. Sums. */
  readonly secondsUntilReceived: number;
  readonly secondsUntilProcessed: number;
}

interface Totals {
  arrived: number;
  sent: number;
  received: number;
  throttled: number;
  rested: number;
  processed: number;
  usd: number;
}

const PROCESSOR_BATCH = 10;
const AUDIT_BATCH = 100;
/** Its newest run is always in one partition, whatever the table takes. */
const TRAIL_RECORDS_PER_SECOND = (DYNAMODB.partitionUnits * DYNAMODB.usablePart) / USAGE.trailUnitsPerRecord;
/** After an outage each environment's circuit tries again within a minute. */
const RECOVERY_SECONDS = 60;

export class AwsHome {
  readonly totals: Totals = { arrived: 0, sent: 0, received: 0, throttled: 0, rested: 0, processed: 0, usd: 0 };
  /** From the first attempt to the answer 200, and from that to the end of processing. */
  readonly untilReceived = new Waits();
  readonly untilProcessed = new Waits();
  readonly retries: ProviderRetries;
  readonly work: Work;
  auditBacklog = 0;
  /** How far the trail is behind, once it is written at all. */
  auditSeconds = 0;
  private readonly draws: Draws;
  private readonly settings: StackSettings;
  private readonly receiver: Receiver;
  private readonly bucket: TokenBucket;
  private readonly addressRates: readonly AddressRate[];
  private readonly webhooks: TableCapacity;
  private readonly payments: TableCapacity;
  private pollers: number = LAMBDA.pollersAtStart;
  private circuitsClosed = 1;
  /** The part of the wanted units that the table of webhooks has in this second, for receivers and processors alike. */
  private webhookShare = 1;

  constructor(settings: StackSettings, draws: Draws) {
    this.settings = settings;
    this.draws = draws;
    this.retries = new ProviderRetries(PROVIDERS, draws);
    this.work = new Work(draws);
    this.receiver = new Receiver(settings, draws);
    this.bucket = new TokenBucket(settings.requestsPerSecond, settings.requestsBurst);
    this.addressRates = PROVIDERS.map(
      ({ name, addresses }) =>
        new AddressRate(name === 'paypal' ? settings.perOtherAddress : settings.perPublishedAddress, addresses),
    );
    this.webhooks = new TableCapacity(settings.warmUnits.webhooks);
    this.payments = new TableCapacity(settings.warmUnits.payments);
  }

  get isDone(): boolean {
    return this.retries.waiting + this.work.ready + this.work.resting + this.auditBacklog === 0;
  }

  /** `isCallByCall`: slow and exact, for seconds in which something changes. */
  second(now: number, weather: Weather, isCallByCall: boolean): SecondSeen {
    const cohorts = [...this.arrivalsOf(weather.arrivals), ...this.retries.due(now)];
    const received = this.receive(now, cohorts, weather, isCallByCall);
    this.work.wake(now);
    const processed = this.process(now, weather);
    this.audit(received.received + processed.processed, weather.isDynamodbBrown);
    const throttled =
      received.throttledByFirewall + received.throttledByStage + received.throttledByLambda + received.throttledByTable;
    const { totals } = this;
    totals.sent += received.sent;
    totals.received += received.received;
    totals.throttled += throttled;
    totals.rested += processed.rested;
    totals.processed += processed.processed;
    totals.usd +=
      received.received * COST_USD.webhook +
      (received.throttledByFirewall + received.throttledByStage) * COST_USD.throttledAtEdge +
      (received.throttledByLambda + received.throttledByTable) * COST_USD.throttledBehind +
      processed.rested * COST_USD.rest;
    return { ...received, ...processed };
  }

  private arrivalsOf(perSecond: number): Cohort[] {
    return PROVIDERS.map(({ share }, provider) => {
      const count = this.draws.poisson(perSecond * share);
      this.totals.arrived += count;
      return { provider, attempt: 0, count };
    });
  }

  private receive(now: number, cohorts: readonly Cohort[], weather: Weather, isCallByCall: boolean) {
    const passed = this.passFirewall(now, cohorts);
    const requests = sum(passed.cohorts);
    const warmSeconds = weather.isDynamodbBrown ? TIMES.brownOutSeconds : TIMES.receiverWarmSeconds;
    const mode = isCallByCall ? 'callByCall' : 'steady';
    const seen = this.receiver[mode](now, requests, this.bucket, warmSeconds);
    const share = this.webhooks.grant(
      now,
      seen.taken * USAGE.receiveUnits + this.processable(seen.taken) * USAGE.processUnits,
    );
    this.webhookShare = share;
    const stored = weather.isDynamodbBrown ? 0 : this.draws.binomial(seen.taken, share);
    const secondsUntilReceived = this.share(now, passed.cohorts, requests, stored);
    return {
      sent: sum(cohorts),
      received: stored,
      throttledByFirewall: passed.refused,
      throttledByStage: seen.throttledByStage,
      throttledByLambda: seen.throttledByLambda,
      throttledByTable: seen.taken - stored,
      secondsUntilReceived,
    };
  }

  private passFirewall(now: number, cohorts: readonly Cohort[]) {
    const passed: Cohort[] = [];
    let refused = 0;
    for (const [provider, rate] of this.addressRates.entries()) {
      const own = cohorts.filter((cohort) => cohort.provider === provider);
      let [left, requests] = [0, sum(own)];
      left = rate.pass(now, requests);
      for (const cohort of own) {
        const count = requests === 0 ? 0 : this.draws.binomial(cohort.count, Math.min(1, left / requests));
        const here = Math.min(count, left);
        requests -= cohort.count;
        left -= here;
        passed.push({ ...cohort, count: here });
        refused += cohort.count - here;
        if (here < cohort.count) this.retries.failed(now, { ...cohort, count: cohort.count - here });
      }
    }
    return { cohorts: passed, refused };
  }

  /** Which of the requests were stored is a matter of luck: each as likely as another. */
  private share(now: number, cohorts: readonly Cohort[], requests: number, stored: number): number {
    let [left, open, seconds] = [stored, requests, 0];
    for (const cohort of cohorts) {
      const drawn = open === 0 ? 0 : this.draws.binomial(cohort.count, left / open);
      // At least so many that the rest can take what is left, and at most what is left.
      const here = Math.min(left, cohort.count, Math.max(drawn, left - (open - cohort.count)));
      open -= cohort.count;
      left -= here;
      const since = this.retries.secondsUntil(cohort);
      this.untilReceived.add(since, here);
      seconds += since * here;
      if (here < cohort.count) this.retries.failed(now, { ...cohort, count: cohort.count - here });
    }
    this.work.add({ sentAt: now, failures: 0, count: stored });
    return seconds;
  }

  /** What the processors want to take in this second, with what is about to be received. */
  private processable(coming: number): number {
    const batch = TIMES.processorBatchSeconds + TIMES.handlersSeconds;
    return Math.min(this.work.ready + coming, Math.floor((this.pollers * PROCESSOR_BATCH) / batch));
  }

  private process(now: number, { isDownstreamOut, isDynamodbBrown }: Weather) {
    const isBusy = this.work.ready > this.pollers * PROCESSOR_BATCH;
    if (isBusy) this.pollers = Math.min(this.settings.processorsMax, this.pollers + LAMBDA.pollersMorePerSecond);
    this.circuitsClosed = isDownstreamOut ? 0 : Math.min(1, this.circuitsClosed + 1 / RECOVERY_SECONDS);
    const seconds =
      TIMES.processorBatchSeconds + (this.circuitsClosed === 0 ? TIMES.handlerFailureSeconds : TIMES.handlersSeconds);
    const batches = this.work.take(Math.floor((this.pollers * PROCESSOR_BATCH) / seconds));
    const wanted = sum(batches);
    const granted = this.payments.grant(now, wanted * USAGE.paymentUnits);
    const share = isDynamodbBrown ? 0 : Math.min(granted, this.webhookShare);
    const success = this.circuitsClosed * share;
    let [processed, rested, secondsUntilProcessed] = [0, 0, 0];
    for (const batch of batches) {
      const done = this.draws.binomial(batch.count, success);
      processed += done;
      rested += batch.count - done;
      const waited = now - batch.sentAt + seconds;
      this.untilProcessed.add(waited, done);
      secondsUntilProcessed += waited * done;
      if (done < batch.count) this.work.rest(now, { ...batch, count: batch.count - done });
    }
    return { processed, rested, secondsUntilProcessed };
  }

  private audit(records: number, isDynamodbBrown: boolean): void {
    const auditors = Math.min(this.settings.auditorsMax, this.webhooks.partitions);
    const capacity = Math.min((auditors * AUDIT_BATCH) / TIMES.auditBatchSeconds, TRAIL_RECORDS_PER_SECOND);
    this.auditBacklog = Math.max(0, this.auditBacklog + records - (isDynamodbBrown ? 0 : capacity));
    this.auditSeconds = TIMES.auditFloorSeconds + this.auditBacklog / capacity;
  }
}

const sum = (cohorts: readonly { readonly count: number }[]): number =>
  cohorts.reduce((total, { count }) => total + count, 0);
