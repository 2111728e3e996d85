/** What the stack is deployed with: the defaults of the configuration, and with room for a planned peak (`aws.peak`). */
import { priceOfTables } from '../../infra/peak/describe-peak.ts';
import { withRoomFor } from '../../infra/peak/plan-peak.ts';
import { BESIDES, NEW_TABLE, type PeakSize, sizePeak } from '../../infra/peak/size-peak.ts';
import { type CompleteConfig, configSchemaOf } from '../../src/config/schema.ts';
import { CONFIGURABLE_PROVIDERS } from '../../src/providers/settings.ts';

export interface StackSettings {
  readonly label: string;
  /** Stage of API Gateway (`edge.requestsPerSecond`, `edge.requestsBurst`). */
  readonly requestsPerSecond: number;
  readonly requestsBurst: number;
  /** WAF, per address: of published providers, and of all others. */
  readonly perPublishedAddress: number;
  readonly perOtherAddress: number;
  readonly receiversMax: number;
  readonly provisioned: number;
  /** One that is set aside is kept for the sweeper. */
  readonly processorsMax: number;
  /** The change feed's part of the audit loggers: two read the drafts, one is called by the clock. */
  readonly auditorsMax: number;
  /** Write units a second that each table takes from the start. */
  readonly warmUnits: { readonly webhooks: number; readonly payments: number };
  /** What that costs once. */
  readonly warmUsd: number;
}

/** PayPal publishes no addresses, and with the default of 10 most of its peak is refused: the scenario of that name. */
const PER_OTHER_ADDRESS = 1000;

const executionsOf = ({ reservedConcurrency }: CompleteConfig['aws']) => {
  if (reservedConcurrency === false) throw new RangeError('what is simulated has executions set aside');
  return reservedConcurrency;
};

const settingsOf = (label: string, { edge, aws }: CompleteConfig, size: PeakSize | null): StackSettings => {
  const { receiver, processor, auditLogger } = executionsOf(aws);
  return {
    label,
    requestsPerSecond: edge.requestsPerSecond,
    requestsBurst: edge.requestsBurst,
    perPublishedAddress: aws.requestsPerSecondPerProviderAddress,
    perOtherAddress: Math.max(PER_OTHER_ADDRESS, edge.requestsPerSecondPerAddress),
    receiversMax: receiver,
    provisioned: Math.max(aws.provisionedConcurrency, size?.warmReceivers ?? 0),
    processorsMax: processor - BESIDES.processor,
    auditorsMax: auditLogger - BESIDES.auditLogger,
    warmUnits: {
      webhooks: (size?.tables.webhooks ?? NEW_TABLE).write,
      payments: (size?.tables.payments ?? NEW_TABLE).write,
    },
    warmUsd: size === null ? 0 : priceOfTables(size.tables),
  };
};

const DEFAULTS = configSchemaOf(CONFIGURABLE_PROVIDERS).parse({});

export const AS_DEPLOYED: StackSettings = settingsOf('as deployed', DEFAULTS, null);

export const plannedFor = (webhooksPerSecond: number, config: CompleteConfig = DEFAULTS): StackSettings => {
  const size = sizePeak(webhooksPerSecond);
  return settingsOf(`planned for ${webhooksPerSecond.toLocaleString('en-US')}/s`, withRoomFor(config, size), size);
};
