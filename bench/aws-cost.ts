/** What a million webhooks cost on AWS, and a month without any: counted units times list prices, line by line. */
import { bytesToGigabytes, PRICES_USD } from './aws-prices.ts';

/** Counted or measured for one webhook that is received, processed and audited. */
export interface WebhookUsage {
  readonly writeUnits: number;
  readonly paymentWriteUnits: number;
  readonly paymentReadUnits: number;
  readonly readUnits: number;
  /** Bytes of the stored item: table, without indexes. */
  readonly storedBytes: number;
  /** SQS requests of our functions; Lambda's own polling comes in batches and is counted here too. */
  readonly sqsRequests: number;
  readonly kmsRequests: number;
  readonly kmsAsymmetricRequests: number;
  readonly s3Puts: number;
  readonly lambdaRequests: number;
  readonly lambdaGigabyteSeconds: number;
  readonly logBytes: number;
  /** In log groups that are only searched. */
  readonly accessLogBytes: number;
  readonly tracesRecorded: number;
}

export interface CostLine {
  readonly label: string;
  readonly usd: number;
}

const MILLION = 1_000_000;

export const costPerMillion = (usage: WebhookUsage): readonly CostLine[] => {
  const line = (label: string, usdPerWebhook: number): CostLine => ({ label, usd: usdPerWebhook * MILLION });
  const price = PRICES_USD;
  const stored = bytesToGigabytes(usage.storedBytes);
  return [
    line('API Gateway, REST', price.apiGatewayRestRequest),
    line('WAF, requests', price.wafRequest),
    line('Lambda, requests', usage.lambdaRequests * price.lambdaRequest),
    line('Lambda, duration', usage.lambdaGigabyteSeconds * price.lambdaArmGigabyteSecond),
    line(
      'DynamoDB, payments',
      usage.paymentWriteUnits * price.dynamodbWriteUnit + usage.paymentReadUnits * price.dynamodbReadUnit,
    ),
    line('DynamoDB, writes', usage.writeUnits * price.dynamodbWriteUnit),
    line('DynamoDB, reads', usage.readUnits * price.dynamodbReadUnit),
    line(
      'DynamoDB, one month of storage with recovery',
      stored * (price.dynamodbGigabyteMonth + price.dynamodbRecoveryGigabyteMonth),
    ),
    line('SQS', usage.sqsRequests * price.sqsRequest),
    line('KMS', usage.kmsRequests * price.kmsRequest + usage.kmsAsymmetricRequests * price.kmsAsymmetricRequest),
    line('S3', usage.s3Puts * price.s3PutRequest),
    line(
      'CloudWatch Logs',
      bytesToGigabytes(usage.logBytes) * price.logsGigabyteIngested +
        bytesToGigabytes(usage.accessLogBytes) * price.logsOnlySearchedGigabyteIngested,
    ),
    line('X-Ray', usage.tracesRecorded * price.xrayTraceRecorded),
  ];
};

/** What the synthesised stack holds, whether anything arrives or not. */
export interface IdleUsage {
  readonly wafRules: number;
  readonly kmsKeys: number;
  readonly secrets: number;
  /** That all alarms look at. */
  readonly alarmMetrics: number;
  readonly dashboards: number;
  /** Queues that Lambda polls. */
  readonly polledQueues: number;
  readonly scheduledRunsPerMonth: number;
  readonly reconciler: ReconcilerUsage;
}

/** What looks after lists of providers in which nothing is new, in a month. */
export interface ReconcilerUsage {
  readonly rounds: number;
  /** Lists, each with a credential and endpoints of its own. */
  readonly lists: number;
  /** How often endpoints are looked at. */
  readonly looks: number;
}

/** Lambda keeps five pollers on a quiet queue, each waiting 20 seconds at a time, as AWS documents. */
const POLLS_PER_QUEUE_AND_MONTH = (5 * 30 * 24 * 3600) / 20;
/** One scheduled run: at most half a second at 512 MB, two reads. */
const SCHEDULED_RUN_GIGABYTE_SECONDS = 0.5 * 0.5;

/** A list of a hundred events takes about a second (`LIMITS.apiCallMsMax`), one without any no longer; one after the other. */
const LIST_SECONDS = 1;
/** As deployed: `infra/stages/reconcile.ts`. */
const RECONCILER_GIGABYTES = 0.5;

/** What is asked of providers: a page of each list, and a list of endpoints each time; Stripe keeps two of these. */
export const requestsOfReconciler = ({ rounds, lists, looks }: ReconcilerUsage): number =>
  rounds * lists + looks * (lists + 1);

/** Each round reads of each list its secret and two checkpoints, and writes one; each look writes the other. */
export const costOfReconciler = ({ rounds, lists, looks }: ReconcilerUsage): number => {
  const price = PRICES_USD;
  const gigabyteSeconds = lists * LIST_SECONDS * RECONCILER_GIGABYTES;
  const ofList = 2 * price.dynamodbReadUnit + price.dynamodbWriteUnit + price.secretRequest + price.kmsRequest;
  return (
    rounds * (price.lambdaRequest + gigabyteSeconds * price.lambdaArmGigabyteSecond + lists * ofList) +
    looks * lists * price.dynamodbWriteUnit
  );
};

export const costOfIdleMonth = (usage: IdleUsage): readonly CostLine[] => {
  const price = PRICES_USD;
  return [
    { label: 'WAF, web ACL and rules', usd: price.wafWebAclMonth + usage.wafRules * price.wafRuleMonth },
    { label: 'KMS, keys', usd: usage.kmsKeys * price.kmsKeyMonth },
    { label: 'Secrets Manager', usd: usage.secrets * price.secretMonth },
    { label: 'CloudWatch, alarms', usd: usage.alarmMetrics * price.alarmMetricMonth },
    { label: 'CloudWatch, dashboard', usd: usage.dashboards * price.dashboardMonth },
    {
      label: 'SQS, polling of quiet queues',
      usd: usage.polledQueues * POLLS_PER_QUEUE_AND_MONTH * price.sqsRequest,
    },
    {
      label: 'Lambda and DynamoDB, the minute schedule',
      usd:
        usage.scheduledRunsPerMonth *
        (price.lambdaRequest +
          SCHEDULED_RUN_GIGABYTE_SECONDS * price.lambdaArmGigabyteSecond +
          2 * price.dynamodbReadUnit),
    },
    { label: 'Lambda, DynamoDB and Secrets Manager, the reconciler', usd: costOfReconciler(usage.reconciler) },
  ];
};

export const sumOf = (lines: readonly CostLine[]): number => lines.reduce((sum, { usd }) => sum + usd, 0);
