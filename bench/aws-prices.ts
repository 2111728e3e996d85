/**
 * What AWS charges in us-east-1: list prices in USD without the free tier, as published in August 2026. Compare with the
 * pricing pages before you quote a number.
 */

export const PRICES_AS_OF = '2026-08';

const MILLION = 1_000_000;
const GIGABYTE = 1_000_000_000;

/** Each per one unit, named in the key. */
export const PRICES_USD = {
  apiGatewayRestRequest: 3.5 / MILLION,
  wafRequest: 0.6 / MILLION,
  lambdaRequest: 0.2 / MILLION,
  lambdaArmGigabyteSecond: 0.000_013_333_4,
  dynamodbWriteUnit: 0.625 / MILLION,
  dynamodbReadUnit: 0.125 / MILLION,
  dynamodbGigabyteMonth: 0.25,
  dynamodbRecoveryGigabyteMonth: 0.2,
  sqsRequest: 0.4 / MILLION,
  kmsRequest: 0.03 / 10_000,
  /** Asymmetric keys other than RSA 2048. */
  kmsAsymmetricRequest: 0.15 / 10_000,
  s3PutRequest: 5 / MILLION,
  logsGigabyteIngested: 0.5,
  logsOnlySearchedGigabyteIngested: 0.25,
  xrayTraceRecorded: 5 / MILLION,
  wafWebAclMonth: 5,
  wafRuleMonth: 1,
  kmsKeyMonth: 1,
  secretMonth: 0.4,
  secretRequest: 0.05 / 10_000,
  alarmMetricMonth: 0.1,
  dashboardMonth: 3,
} as const;

export const bytesToGigabytes = (bytes: number): number => bytes / GIGABYTE;
