/** What would make a deployment or a removal fail half-way, found before it begins. */
import { awsNames } from '../../src/config/aws-names.ts';
import type { PreparedPayhook } from '../payhook-props.ts';
import { askedOf, executionsOf, limitsExceeded, UNRESERVED_MIN } from './account-limits.ts';
import type { AwsAccount } from './aws-account.ts';

/** The role of ours by which API Gateway logs. */
const LOG_ROLE = 'api-gateway-logs';

/** What is wrong, as one sentence that says what to do; null when the deployment may begin. */
export const problemOfAccount = async (account: AwsAccount): Promise<string | null> => {
  const accountId = await account.accountId();
  if (await account.isBootstrapped()) return null;
  const { region } = account;
  return `CDK has not been set up in account ${accountId} and ${region}: run npx cdk bootstrap aws://${accountId}/${region} once`;
};

/** Whether Lambda can set aside what the configuration asks for; what an earlier deployment has set aside counts as free. */
export const problemOfConcurrency = async (
  account: AwsAccount,
  environmentSuffix: string,
  config: PreparedPayhook['config'],
): Promise<string | null> => {
  const wanted = executionsOf(config);
  if (wanted === 0) return null;
  const { total, unreserved } = await account.concurrency();
  const names = awsNames(environmentSuffix);
  const ours = await Promise.all(
    [names.receiver, names.processor, names.auditLogger, names.sender, names.reconciler].map(account.reservedBy),
  );
  const available = unreserved + ours.reduce((sum, reserved) => sum + reserved, 0);
  const left = available - wanted;
  if (left >= Math.min(UNRESERVED_MIN, total)) return null;
  return `the functions set ${wanted} concurrent executions aside and Lambda wants ${UNRESERVED_MIN} left over, but this account has ${available} of ${total} to give: ask for more (Service Quotas, Lambda, Concurrent executions, L-B99A9384), or lower aws.reservedConcurrency in payhook.config.ts, or set it to false for the time being`;
};

/** Whether API Gateway and DynamoDB take what the stage lets through, and what the tables are to be warmed up for. */
export const problemOfLimits = async (account: AwsAccount, props: PreparedPayhook): Promise<string | null> => {
  const [{ limits }, tables] = await Promise.all([account.apiGateway(), account.tableLimits()]);
  return limitsExceeded(askedOf(props), { ...limits, ...tables }, 'this account')[0] ?? null;
};

/**
 * The role by which API Gateway logs in all of the account, where something else has set it and it works; null when this stack
 * may set its own: none is set, or one that is gone, or its own.
 */
export const otherLogRoleOf = async (account: AwsAccount, environmentSuffix: string): Promise<string | null> => {
  const { logRole } = await account.apiGateway();
  return logRole === awsNames(environmentSuffix).role(LOG_ROLE) ? null : logRole;
};

/** Removing the role would end the logs of the others' APIs, and nothing would say so. */
const problemOfLogRole = async (account: AwsAccount, environmentSuffix: string): Promise<string | null> => {
  const { stack, role } = awsNames(environmentSuffix);
  const { logRole } = await account.apiGateway();
  if (logRole !== role(LOG_ROLE)) return null;
  const others = (await account.payhookStacks()).filter((name) => name !== stack);
  if (others.length === 0) return null;
  return `${stack} holds the role by which API Gateway writes the logs of ${others.join(', ')} too: deploy ${stack} once more with aws.isApiGatewayAccountManaged: false, then ${others[0]} with true, then remove this one`;
};

/** What this account does not record, a sentence each: it stops no deployment, and somebody should know. */
export const missingRecords = async (account: AwsAccount, isRegulated: boolean): Promise<readonly string[]> => {
  const { changes, items, objects } = await account.recordedEvents();
  const missing = [...(items ? [] : ['items of tables']), ...(objects ? [] : ['objects of buckets'])];
  return [
    ...(changes
      ? []
      : [
          'no trail of CloudTrail records who changes something in this account and region: nobody is told when a key is disabled or the firewall is taken away',
        ]),
    ...(isRegulated && missing.length > 0
      ? [
          `CloudTrail does not record who reads or writes ${missing.join(' and ')} (data events), which PCI DSS 10.2.1 asks for: docs/deploy.md says how to turn it on`,
        ]
      : []),
  ];
};

/** Why a stack cannot be removed, as one sentence; null when it can. */
export const problemOfRemoval = async (account: AwsAccount, environmentSuffix: string): Promise<string | null> => {
  const { stack } = awsNames(environmentSuffix);
  const accountId = await account.accountId();
  switch (await account.stateOf(stack)) {
    case 'absent':
      return `there is no ${stack} in account ${accountId} and ${account.region}: nothing to remove; check suffix, account and region`;
    case 'protected':
      return `${stack} is protected, because it was deployed with retention: 'regulated': its audit trail has to stay; docs/deploy.md says what that means`;
    case 'unfinished':
    case 'present':
      return problemOfLogRole(account, environmentSuffix);
  }
};
