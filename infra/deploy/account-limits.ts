/** What a stack asks of an account as a whole, against what that has. */
import { destinationsOf } from '../../src/config/destinations-of.ts';
import { reconciledProviders } from '../../src/config/event-sources.ts';
import type { PreparedPayhook } from '../payhook-props.ts';
import { WARMED } from '../peak/size-peak.ts';

/** Lambda keeps this much for functions that set nothing aside; accounts that have less keep all of it. */
export const UNRESERVED_MIN = 100;

/** Limits of one account in one region. */
export interface AccountLimits {
  readonly executions: number;
  readonly requestsPerSecond: number;
  readonly requestsBurst: number;
  /** Of one table or index. */
  readonly writeUnits: number;
  readonly readUnits: number;
}

/** What AWS gives an account by default; a new one may have less of the first. */
export const DEFAULT_LIMITS: AccountLimits = {
  executions: 1000,
  requestsPerSecond: 10_000,
  requestsBurst: 5000,
  writeUnits: 40_000,
  readUnits: 40_000,
};

type Asking = Pick<PreparedPayhook, 'config' | 'peak'>;

/** What the functions set aside. */
export const executionsOf = ({
  aws: { reservedConcurrency },
  destinations,
  reconcile,
  providers,
}: PreparedPayhook['config']): number => {
  if (reservedConcurrency === false) return 0;
  const { receiver, processor, auditLogger, sender, reconciler } = reservedConcurrency;
  const sending = destinationsOf({ destinations }, 'aws').length > 0 ? sender : 0;
  const reconciling = reconciledProviders({ reconcile, providers }).length > 0 ? reconciler : 0;
  return receiver + processor + auditLogger + sending + reconciling;
};

export const askedOf = ({ config, peak }: Asking): AccountLimits => {
  const units = WARMED.map((name) => peak?.size.tables[name]);
  const executions = executionsOf(config);
  return {
    executions: executions === 0 ? 0 : executions + UNRESERVED_MIN,
    requestsPerSecond: config.edge.requestsPerSecond,
    requestsBurst: config.edge.requestsBurst,
    writeUnits: Math.max(0, ...units.map((each) => each?.write ?? 0)),
    readUnits: Math.max(0, ...units.map((each) => each?.read ?? 0)),
  };
};

const QUOTAS: Readonly<Record<keyof AccountLimits, { readonly what: string; readonly ask: string }>> = {
  executions: {
    what: `concurrent executions, with the ${UNRESERVED_MIN} that Lambda wants left over`,
    ask: 'Lambda, Concurrent executions, L-B99A9384',
  },
  requestsPerSecond: { what: 'requests a second', ask: 'API Gateway, Throttle rate, L-8A5B8E43' },
  requestsBurst: { what: 'requests at once', ask: 'API Gateway, Throttle burst rate' },
  writeUnits: { what: 'write units a second of one table', ask: 'DynamoDB, Table-level write throughput limit' },
  readUnits: { what: 'read units a second of one table', ask: 'DynamoDB, Table-level read throughput limit' },
};

/** A sentence for each limit that is too low. `whose` begins it: "this account", "an account by default". */
export const limitsExceeded = (
  asked: AccountLimits,
  limits: Partial<AccountLimits>,
  whose: string,
): readonly string[] =>
  (Object.keys(QUOTAS) as (keyof AccountLimits)[]).flatMap((name) => {
    const [wanted, there] = [asked[name], limits[name]];
    if (there === undefined || wanted <= there) return [];
    const { what, ask } = QUOTAS[name];
    return [
      `the stack asks for ${count(wanted)} ${what}, and ${whose} has ${count(there)}: ask for more (Service Quotas, ${ask})`,
    ];
  });

const count = (value: number): string => value.toLocaleString('en-US');
