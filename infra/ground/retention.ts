/**
 * What the two modes of `aws.retention` mean for a resource. `ephemeral`: destroy leaves nothing. `regulated`: what an
 * auditor may ask for outlives the stack and cannot be removed by accident.
 */
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';

/** PCI DSS 10.5.1 wants twelve months; CloudWatch offers 365 and 400 days, and a late audit needs the difference. */
export const REGULATED_DAYS = 400;

export interface Retention {
  readonly isRegulated: boolean;
  /** Of what holds data: tables, log groups, buckets, keys. Everything else is always removed with the stack. */
  readonly removalPolicy: RemovalPolicy;
  readonly logRetention: RetentionDays;
  /** How long a key can still be rescued after its removal. AWS allows 7 to 30 days. */
  readonly keyPendingWindow: Duration;
}

export const retentionOf = (mode: 'ephemeral' | 'regulated'): Retention =>
  mode === 'regulated'
    ? {
        isRegulated: true,
        removalPolicy: RemovalPolicy.RETAIN,
        logRetention: RetentionDays.THIRTEEN_MONTHS,
        keyPendingWindow: Duration.days(30),
      }
    : {
        isRegulated: false,
        removalPolicy: RemovalPolicy.DESTROY,
        logRetention: RetentionDays.ONE_MONTH,
        keyPendingWindow: Duration.days(7),
      };
