/** The planned peak of a stack (`aws.peak`): what is deployed for it, and when. */
import type { CompleteConfig } from '../../src/config/schema.ts';
import { HOUR_MS, MINUTE_MS } from '../../src/core/time.ts';
import { NEW_TABLE, type PeakSize, sizePeak, WARMED, type WarmTables } from './size-peak.ts';

export interface PeakPlan {
  readonly size: PeakSize;
  /** Receivers are warm from here on; null: they are warmed by the deployment itself, because it is too late for a schedule. */
  readonly warmFrom: Date | null;
  readonly from: Date;
  readonly until: Date;
}

export type PlannedPeak =
  | { readonly outcome: 'none' }
  | { readonly outcome: 'over'; readonly until: Date }
  /** Its end would be past before the deployment comes to it, and AWS takes no schedule for what is past. */
  | { readonly outcome: 'ending'; readonly until: Date }
  | { readonly outcome: 'planned'; readonly plan: PeakPlan };

/** To start hundreds of executions takes minutes. */
const WARM_UP_MS = 30 * MINUTE_MS;
/** Longer than a deployment takes, updates one after another included. */
const DEPLOYMENT_MS_MAX = HOUR_MS;

export const planPeak = (peak: CompleteConfig['aws']['peak'], now: number): PlannedPeak => {
  if (peak === undefined) return { outcome: 'none' };
  const [from, until] = [new Date(peak.from), new Date(peak.until)];
  if (until.getTime() <= now) return { outcome: 'over', until };
  if (until.getTime() <= now + DEPLOYMENT_MS_MAX) return { outcome: 'ending', until };
  const warmFrom = from.getTime() - WARM_UP_MS;
  return {
    outcome: 'planned',
    plan: {
      size: sizePeak(peak.webhooksPerSecond),
      warmFrom: warmFrom <= now + DEPLOYMENT_MS_MAX ? null : new Date(warmFrom),
      from,
      until,
    },
  };
};

/**
 * The plan with no table below what it takes already: AWS refuses to make that less. What would stay as it is becomes what a new
 * table has, which the template leaves out.
 */
export const notBelow = (plan: PeakPlan, already: Partial<WarmTables>): PeakPlan => {
  const tables = WARMED.map((name) => {
    const [wanted, there] = [plan.size.tables[name], already[name] ?? NEW_TABLE];
    const raised = { write: Math.max(wanted.write, there.write), read: Math.max(wanted.read, there.read) };
    return [name, raised.write === there.write && raised.read === there.read ? NEW_TABLE : raised] as const;
  });
  return { ...plan, size: { ...plan.size, tables: Object.fromEntries(tables) as unknown as WarmTables } };
};

type Sized = Pick<CompleteConfig, 'aws' | 'edge'>;

/** The configuration with room for the peak: nothing in it becomes smaller but the burst, which has to fit the receivers. */
export const withRoomFor = <Config extends Sized>(config: Config, size: PeakSize): Config => {
  const { reservedConcurrency } = config.aws;
  if (reservedConcurrency === false) return config;
  const receiver = Math.max(reservedConcurrency.receiver, size.receivers);
  return {
    ...config,
    edge: {
      ...config.edge,
      requestsPerSecond: Math.max(config.edge.requestsPerSecond, size.requestsPerSecond),
      requestsBurst: receiver,
    },
    aws: {
      ...config.aws,
      reservedConcurrency: {
        ...reservedConcurrency,
        receiver,
        processor: Math.max(reservedConcurrency.processor, size.processors),
        auditLogger: Math.max(reservedConcurrency.auditLogger, size.auditLoggers),
      },
    },
  };
};
