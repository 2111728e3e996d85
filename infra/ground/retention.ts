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
  /**
   * Whether tables, log groups and the stack refuse to be deleted. Not while the stack is made for the first time: what
   * could not be made has to be taken back, or nothing of its name can be made again.
   */
  readonly isProtected: boolean;
  /** Of what holds data: tables, log groups, buckets, keys. Everything else is always removed with the stack. */
  readonly removalPolicy: RemovalPolicy;
  readonly logRetention: RetentionDays;
  /** How long a key can still be rescued after its removal. AWS allows 7 to 30 days. */
  readonly keyPendingWindow: Duration;
}

export const retentionOf = (mode: 'ephemeral' | 'regulated', isFirstDeployment = false): Retention =>
  mode === 'regulated'
    ? {
        isRegulated: true,
        isProtected: !isFirstDeployment,
        // Kept from everything but a creation that is rolled back.
        removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
        logRetention: RetentionDays.THIRTEEN_MONTHS,
        keyPendingWindow: Duration.days(30),
      }
    : {
        isRegulated: false,
        isProtected: false,
        removalPolicy: RemovalPolicy.DESTROY,
        logRetention: RetentionDays.ONE_MONTH,
        keyPendingWindow: Duration.days(7),
      };
