/**
 * Every name in the stack that is not simply `{resource-type}-{purpose}-{environmentSuffix}`, with what forces it. A test
 * compares this list with the template, in both directions.
 */

export interface ForcedName {
  readonly resourceType: string;
  /** The whole name. `SUFFIX` stands for the environment suffix, `ACCOUNT` for the account, `{…}` for what AWS fills in. */
  readonly name: string;
  readonly reason: string;
}

export const FORCED_NAMES: readonly ForcedName[] = [
  {
    resourceType: 'AWS::Logs::LogGroup',
    name: 'aws-waf-logs-webhooks-SUFFIX',
    reason: 'WAF writes only to log groups whose name begins with aws-waf-logs-',
  },
  {
    resourceType: 'AWS::Logs::LogGroup',
    name: 'API-Gateway-Execution-Logs_{api}/SUFFIX',
    reason: 'API Gateway writes its execution log there and nowhere else; created here so that destroy removes it',
  },
  {
    resourceType: 'AWS::ApiGateway::Stage',
    name: 'SUFFIX',
    reason: 'the stage is part of the URL that providers are given',
  },
  {
    resourceType: 'AWS::KMS::Alias',
    name: 'alias/key-payhook-SUFFIX',
    reason: 'KMS wants every alias to begin with alias/',
  },
  {
    resourceType: 'AWS::KMS::Alias',
    name: 'alias/key-audit-digests-SUFFIX',
    reason: 'KMS wants every alias to begin with alias/',
  },
  {
    resourceType: 'AWS::KMS::Alias',
    name: 'alias/key-alerts-SUFFIX',
    reason: 'KMS wants every alias to begin with alias/',
  },
  {
    resourceType: 'AWS::S3::Bucket',
    name: 's3-audit-archive-ACCOUNT-SUFFIX',
    reason: 'S3 names are shared by all accounts of the world, so the account stands in them',
  },
  {
    resourceType: 'AWS::S3::Bucket',
    name: 's3-stream-failures-ACCOUNT-SUFFIX',
    reason: 'S3 names are shared by all accounts of the world, so the account stands in them',
  },
];
