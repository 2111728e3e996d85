/** Metrics as whoever reads them sees them: the text of a scrape, the lines of a log. */
import { createEmfMetrics } from '../../src/adapters/aws/telemetry/emf-metrics.ts';
import { createPrometheusMetrics } from '../../src/adapters/prometheus/prometheus-metrics.ts';
import { COUNTED_LINES } from '../../src/config/counted-lines.ts';
import type { Metrics } from '../../src/core/ports/metrics.ts';
import { createTestClock, NOW } from '../support/clock.ts';
import type { Adapter } from './contract-tests.ts';
import type { Count, OpenMetrics } from './metrics-contract.ts';

/** One count for all series of the same call, name and outcome, in the order in which they appeared. */
const addUp = (counts: readonly Count[]): readonly Count[] => {
  const sums = new Map<string, Count>();
  for (const each of counts) {
    const key = [each.call, each.of, each.outcome].join(' ');
    sums.set(key, { ...each, count: each.count + (sums.get(key)?.count ?? 0) });
  }
  return [...sums.values()];
};

/** Counters of the scrape that are counts of calls; the others are sums and gauges beside them. */
const PROMETHEUS_COUNTERS: Readonly<Record<string, keyof Metrics>> = {
  payhook_deliveries_total: 'delivery',
  payhook_attempts_total: 'attempt',
  payhook_destination_attempts_total: 'destination',
  payhook_card_data_values_total: 'cardDataFound',
  payhook_duplicates_differing_total: 'duplicateDiffers',
  payhook_unknown_types_total: 'unknownType',
};

const openPrometheusMetrics: OpenMetrics = () => {
  const metrics = createPrometheusMetrics();
  const samples = async () => {
    const text = await metrics.render({ ready: 0, waiting: 0, oldestEnqueuedAt: null }, [], NOW);
    return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  };
  const countOf = (line: string): readonly Count[] => {
    const [, name = '', labelText = '', value] = /^(\w+)\{(.*)\} (\S+)$/.exec(line) ?? [];
    const call = PROMETHEUS_COUNTERS[name];
    if (call === undefined) return [];
    const labels = new Map([...labelText.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', text = '']) => [key, text]));
    const of = labels.get('provider') ?? labels.get('destination') ?? '';
    return [{ call, of, outcome: labels.get('outcome') ?? null, count: Number(value) }];
  };
  return {
    metrics,
    counted: async () => addUp((await samples()).flatMap(countOf)),
    series: async () => (await samples()).map((line) => line.slice(0, line.lastIndexOf(' '))),
  };
};

/** CloudWatch's names, which say call and outcome in one, and what they say. */
const EMF_NAMES: Readonly<Record<string, Pick<Count, 'call' | 'outcome'>>> = {
  DeliveriesAccepted: { call: 'delivery', outcome: 'accepted' },
  DeliveriesDuplicate: { call: 'delivery', outcome: 'duplicate' },
  DeliveriesRejected: { call: 'delivery', outcome: 'rejected' },
  DeliveriesUnavailable: { call: 'delivery', outcome: 'unavailable' },
  DeliveriesRefused: { call: 'delivery', outcome: 'refused' },
  AttemptsProcessed: { call: 'attempt', outcome: 'processed' },
  AttemptsIgnored: { call: 'attempt', outcome: 'ignored' },
  AttemptsRetrying: { call: 'attempt', outcome: 'retrying' },
  AttemptsDeadLettered: { call: 'attempt', outcome: 'dead_lettered' },
  AttemptsSkipped: { call: 'attempt', outcome: 'skipped' },
  EventsDelivered: { call: 'destination', outcome: 'delivered' },
  EventsNotDelivered: { call: 'destination', outcome: 'failed' },
  EventsGivenUp: { call: 'destination', outcome: 'given_up' },
  CardDataFound: { call: 'cardDataFound', outcome: null },
  DuplicatesDiffering: { call: 'duplicateDiffers', outcome: null },
  UnknownTypes: { call: 'unknownType', outcome: null },
};

interface Directive {
  readonly Dimensions: readonly (readonly string[])[];
  readonly Metrics: readonly { readonly Name: string }[];
}

/** What the metric filters of the stack count, of lines that are logged beside each call. */
const countedFromLines = () => {
  const counted: { readonly name: string; readonly of: string; readonly value: number }[] = [];
  return {
    counted,
    log(event: string, provider: string, outcome: string): void {
      for (const line of Object.values(COUNTED_LINES).flat()) {
        if (line.event === event && line.outcome === outcome) {
          counted.push({ name: line.metric, of: provider, value: 1 });
        }
      }
    },
  };
};

const openEmfMetrics: OpenMetrics = () => {
  const lines: string[] = [];
  const write = (line: string): void => void lines.push(line);
  const emf = createEmfMetrics({ environmentSuffix: 'dev', clock: createTestClock(), write });
  const { counted: fromLines, log } = countedFromLines();
  const metrics: typeof emf = {
    ...emf,
    delivery(provider, outcome, seconds) {
      emf.delivery(provider, outcome, seconds);
      log('delivery.received', provider, outcome);
    },
    attempt(provider, outcome, seconds) {
      emf.attempt(provider, outcome, seconds);
      log('attempt.finished', provider, outcome);
    },
  };
  /** What CloudWatch extracts: a metric for each name and each combination of dimensions. */
  const extracted = () => {
    metrics.flush();
    const ofLines = lines.flatMap((line) => {
      const fields = JSON.parse(line) as Record<string, unknown> & {
        _aws: { CloudWatchMetrics: readonly Directive[] };
      };
      return fields._aws.CloudWatchMetrics.flatMap(({ Dimensions: dimensions, Metrics: names }) =>
        dimensions.flatMap((dimension) =>
          names.map(({ Name: name }) => ({
            name,
            of: dimension.map((key) => String(fields[key])).join(' '),
            value: Number(fields[name]),
          })),
        ),
      );
    });
    return [...ofLines, ...fromLines];
  };
  return {
    metrics,
    counted: async () =>
      addUp(
        extracted().map(({ name, of, value }) => {
          const { call, outcome } = EMF_NAMES[name] ?? {};
          if (call === undefined || outcome === undefined) throw new Error(`no call of the port is counted as ${name}`);
          return { call, of, outcome, count: value };
        }),
      ),
    series: async () => [...new Set(extracted().map(({ name, of }) => `${name} ${of}`))],
  };
};

export const METRICS: readonly Adapter<OpenMetrics>[] = [
  { name: 'prometheus', open: openPrometheusMetrics },
  {
    name: 'emf',
    open: openEmfMetrics,
    skip: [
      {
        test: 'counts a delivery that was too_large, by provider',
        reason: 'each name is a metric that is paid for: on AWS a delivery that is too large counts as refused',
      },
    ],
  },
];
