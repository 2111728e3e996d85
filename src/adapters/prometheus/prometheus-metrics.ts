/** Numbers of the local home in Prometheus text. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Metrics, ReconcileMetrics } from '../../core/ports/metrics.ts';
import type { WorkDepth } from '../../core/ports/queue.ts';
import type { EpochMs } from '../../core/webhook.ts';
import type { DestinationDepth } from '../../destinations/destination-queue.ts';

export interface PrometheusMetrics extends Metrics, ReconcileMetrics {
  /** Operations that one commit of the database made durable together. */
  storeCommit(operations: number, seconds: number): void;
  /** The text for `/metrics`. What waits is asked for by the caller, at most once per scrape. */
  render(depth: WorkDepth, destinations: readonly DestinationDepth[], now: EpochMs): Promise<string>;
  readonly contentType: string;
}

const ACK_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
const ATTEMPT_SECONDS = [0.001, 0.005, 0.025, 0.1, 0.5, 1, 5, 15, 30, 60];
const COMMIT_OPERATIONS = [1, 2, 4, 8, 16, 32, 64, 128, 256];
const COMMIT_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5];

const createInstruments = (registers: Registry[]) => ({
  deliveries: new Counter({
    name: 'payhook_deliveries_total',
    help: 'Deliveries answered, by provider, outcome and, for rejected ones, reason.',
    labelNames: ['provider', 'outcome', 'reason'],
    registers,
  }),
  ack: new Histogram({
    name: 'payhook_ack_seconds',
    help: 'Seconds from the start of a request to its answer.',
    labelNames: ['outcome'],
    buckets: ACK_SECONDS,
    registers,
  }),
  attempts: new Counter({
    name: 'payhook_attempts_total',
    help: 'Attempts to process a webhook, by provider and outcome.',
    labelNames: ['provider', 'outcome'],
    registers,
  }),
  attemptSeconds: new Histogram({
    name: 'payhook_attempt_seconds',
    help: 'Seconds of one attempt, store and handler together.',
    buckets: ATTEMPT_SECONDS,
    registers,
  }),
  deadLetters: new Counter({
    name: 'payhook_dead_letters_total',
    help: 'Webhooks given up on.',
    labelNames: ['provider'],
    registers,
  }),
  duplicatesDiffering: new Counter({
    name: 'payhook_duplicates_differing_total',
    help: 'Genuine deliveries of a stored event that say something else of it, by provider.',
    labelNames: ['provider'],
    registers,
  }),
  unknownTypes: new Counter({
    name: 'payhook_unknown_types_total',
    help: 'Webhooks of a type that the catalogue of the provider did not have, by provider.',
    labelNames: ['provider'],
    registers,
  }),
  cardData: new Counter({
    name: 'payhook_card_data_values_total',
    help: 'Card numbers, security codes and track data masked before a webhook was stored.',
    labelNames: ['provider'],
    registers,
  }),
  commitOperations: new Histogram({
    name: 'payhook_store_commit_operations',
    help: 'Operations that one commit of the store made durable together.',
    buckets: COMMIT_OPERATIONS,
    registers,
  }),
  commitSeconds: new Histogram({
    name: 'payhook_store_commit_seconds',
    help: 'Seconds of one commit, fsync included.',
    buckets: COMMIT_SECONDS,
    registers,
  }),
  queueEntries: new Gauge({
    name: 'payhook_queue_entries',
    help: 'Webhooks on the queue: ready to be claimed, or waiting (claimed, backing off).',
    labelNames: ['state'],
    registers,
  }),
  queueAge: new Gauge({
    name: 'payhook_queue_oldest_seconds',
    help: 'Age of the oldest webhook on the queue.',
    registers,
  }),
  memory: new Gauge({ name: 'payhook_resident_bytes', help: 'Resident memory of the process.', registers }),
});

const createReconcileInstruments = (registers: Registry[]) => ({
  recovered: new Counter({
    name: 'payhook_webhooks_recovered_total',
    help: 'Webhooks that no delivery had brought, recovered from the list of the provider.',
    labelNames: ['provider'],
    registers,
  }),
  listedDiffering: new Counter({
    name: 'payhook_webhooks_listed_differently_total',
    help: 'Stored webhooks that say something else than what the provider lists.',
    labelNames: ['provider'],
    registers,
  }),
  reconcileBehind: new Gauge({
    name: 'payhook_reconcile_behind_seconds',
    help: 'How long ago it is up to when a list of events was checked, by list; as of its last run.',
    labelNames: ['source'],
    registers,
  }),
});

const createDestinationInstruments = (registers: Registry[]) => ({
  sends: new Counter({
    name: 'payhook_destination_attempts_total',
    help: 'Attempts to deliver a payment event to a destination, by destination and outcome.',
    labelNames: ['destination', 'outcome'],
    registers,
  }),
  sendSeconds: new Histogram({
    name: 'payhook_destination_attempt_seconds',
    help: 'Seconds of one attempt to deliver to a destination.',
    labelNames: ['destination'],
    buckets: ATTEMPT_SECONDS,
    registers,
  }),
  destinationEntries: new Gauge({
    name: 'payhook_destination_entries',
    help: 'Payment events for each destination: waiting to be delivered, or given up.',
    labelNames: ['destination', 'state'],
    registers,
  }),
  destinationAge: new Gauge({
    name: 'payhook_destination_oldest_seconds',
    help: 'Age of the oldest payment event that waits for the destination.',
    labelNames: ['destination'],
    registers,
  }),
});

const ageSeconds = (since: EpochMs | null, now: EpochMs): number =>
  since === null ? 0 : Math.max(0, now - since) / 1000;

/** Finding the series of some labels costs more than counting; the labels come from closed lists, so there are few. */
const remember = <Series>(find: (...labels: string[]) => Series) => {
  const found = new Map<string, Series>();
  return (...labels: string[]): Series => {
    const key = labels.join(' ');
    const known = found.get(key);
    if (known !== undefined) return known;
    const series = find(...labels);
    found.set(key, series);
    return series;
  };
};

export const createPrometheusMetrics = (): PrometheusMetrics => {
  const registry = new Registry();
  const instruments = { ...createInstruments([registry]), ...createDestinationInstruments([registry]) };
  const reconcile = createReconcileInstruments([registry]);
  const deliveries = remember((provider, outcome, reason) => instruments.deliveries.labels(provider, outcome, reason));
  const ack = remember((outcome) => instruments.ack.labels(outcome));
  const attempts = remember((provider, outcome) => instruments.attempts.labels(provider, outcome));
  const sends = remember((destination, outcome) => instruments.sends.labels(destination, outcome));
  const sendSeconds = remember((destination) => instruments.sendSeconds.labels(destination));
  return {
    contentType: registry.contentType,
    delivery(provider, outcome, seconds, reason) {
      deliveries(provider, outcome, reason ?? '').inc();
      ack(outcome).observe(seconds);
    },
    attempt(provider, outcome, seconds) {
      attempts(provider, outcome).inc();
      instruments.attemptSeconds.observe(seconds);
      if (outcome === 'dead_lettered') instruments.deadLetters.inc({ provider });
    },
    destination(name, outcome, seconds) {
      sends(name, outcome).inc();
      sendSeconds(name).observe(seconds);
    },
    cardDataFound: (provider, values) => instruments.cardData.inc({ provider }, values),
    duplicateDiffers: (provider) => instruments.duplicatesDiffering.inc({ provider }),
    unknownType: (provider) => instruments.unknownTypes.inc({ provider }),
    reconciled(provider, source, { recovered, differing, behindSeconds }) {
      reconcile.recovered.inc({ provider }, recovered);
      reconcile.listedDiffering.inc({ provider }, differing);
      reconcile.reconcileBehind.set({ source }, behindSeconds);
    },
    storeCommit(operations, seconds) {
      instruments.commitOperations.observe(operations);
      instruments.commitSeconds.observe(seconds);
    },
    render(depth, destinations, now) {
      instruments.queueEntries.set({ state: 'ready' }, depth.ready);
      instruments.queueEntries.set({ state: 'waiting' }, depth.waiting);
      instruments.queueAge.set(ageSeconds(depth.oldestEnqueuedAt, now));
      for (const { destination, waiting, givenUp, oldestEnqueuedAt } of destinations) {
        instruments.destinationEntries.set({ destination, state: 'waiting' }, waiting);
        instruments.destinationEntries.set({ destination, state: 'given_up' }, givenUp);
        instruments.destinationAge.set({ destination }, ageSeconds(oldestEnqueuedAt, now));
      }
      instruments.memory.set(process.memoryUsage.rss());
      return registry.metrics();
    },
  };
};
