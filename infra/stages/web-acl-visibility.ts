/** What WAF shows of the web ACL and of each of its rules: numbers, and no requests unless it says so. */
import type { CfnWebACL } from 'aws-cdk-lib/aws-wafv2';

export const visibility = (metricName: string): CfnWebACL.VisibilityConfigProperty => ({
  cloudWatchMetricsEnabled: true,
  metricName,
  // What managed rules turn away is in the log.
  sampledRequestsEnabled: false,
});
