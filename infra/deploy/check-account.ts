/** What would make a deployment or a removal fail half-way, found before it begins. */

import { AWS_REGION, awsNames } from '../../src/config/aws-names.ts';
import { destinationsOf } from '../../src/config/destinations-of.ts';
import type { CompleteConfig } from '../../src/config/schema.ts';
import type { AwsAccount } from './aws-account.ts';
import { problemOfRegion } from './prepare-stack.ts';

/** Lambda keeps this much for functions that set nothing aside; accounts that have less keep all of it. */
const UNRESERVED_MIN = 100;

/** What is wrong, as one sentence that says what to do; null when the deployment may begin. */
export const problemOfAccount = async (account: AwsAccount): Promise<string | null> => {
  const wrongRegion = problemOfRegion(await account.configuredRegion());
  if (wrongRegion !== null) return wrongRegion;
  const accountId = await account.accountId();
  if (await account.isBootstrapped()) return null;
  return `CDK has not been set up in account ${accountId} and ${AWS_REGION}: run npx cdk bootstrap aws://${accountId}/${AWS_REGION} once`;
};

/** Whether Lambda can set aside what the configuration asks for; what an earlier deployment has set aside counts as free. */
export const problemOfConcurrency = async (
  account: AwsAccount,
  environmentSuffix: string,
  { aws: { reservedConcurrency }, destinations }: Pick<CompleteConfig, 'aws' | 'destinations'>,
): Promise<string | null> => {
  if (reservedConcurrency === false) return null;
  const { receiver, processor, auditLogger, sender } = reservedConcurrency;
  const hasSender = destinationsOf({ destinations }, 'aws').length > 0;
  const wanted = receiver + processor + auditLogger + (hasSender ? sender : 0);
  const { total, unreserved } = await account.concurrency();
  const names = awsNames(environmentSuffix);
  const ours = await Promise.all(
    [names.receiver, names.processor, names.auditLogger, names.sender].map(account.reservedBy),
  );
  const available = unreserved + ours.reduce((sum, reserved) => sum + reserved, 0);
  const left = available - wanted;
  if (left >= Math.min(UNRESERVED_MIN, total)) return null;
  return `the functions set ${wanted} concurrent executions aside and Lambda wants ${UNRESERVED_MIN} left over, but this account has ${available} of ${total} to give: ask for more (Service Quotas, Lambda, Concurrent executions, L-B99A9384), or lower aws.reservedConcurrency in payhook.config.ts, or set it to false for the time being`;
};

/** The other stack of Payhook that sets the role by which API Gateway logs in all of the account; null when none does. */
export const otherLogRoleOf = async (account: AwsAccount, environmentSuffix: string): Promise<string | null> => {
  const { stack } = awsNames(environmentSuffix);
  const holders = (await account.payhookStacks()).filter(({ setsLogRole }) => setsLogRole);
  // Two may have it, deployed by other means: then it is not this deployment that takes it away.
  return holders.some(({ name }) => name === stack) ? null : (holders[0]?.name ?? null);
};

/** Removing the role would end the logs of the others' APIs, and nothing would say so. */
const problemOfLogRole = async (account: AwsAccount, stack: string): Promise<string | null> => {
  const stacks = await account.payhookStacks();
  const others = stacks.filter(({ name }) => name !== stack).map(({ name }) => name);
  const isOurs = stacks.some(({ name, setsLogRole }) => name === stack && setsLogRole);
  if (!isOurs || others.length === 0) return null;
  return `${stack} holds the role by which API Gateway writes the logs of ${others.join(', ')} too: deploy ${stack} once more with aws.isApiGatewayAccountManaged: false, then ${others[0]} with true, then remove this one`;
};

/** Why a stack cannot be removed, as one sentence; null when it can. */
export const problemOfRemoval = async (account: AwsAccount, environmentSuffix: string): Promise<string | null> => {
  const { stack } = awsNames(environmentSuffix);
  const wrongRegion = problemOfRegion(await account.configuredRegion());
  if (wrongRegion !== null) return wrongRegion;
  const accountId = await account.accountId();
  switch (await account.stateOf(stack)) {
    case 'absent':
      return `there is no ${stack} in account ${accountId} and ${AWS_REGION}: nothing to remove; check suffix and account`;
    case 'protected':
      return `${stack} is protected, because it was deployed with retention: 'regulated': its audit trail has to stay; docs/deploy.md says what that means`;
    case 'unfinished':
    case 'present':
      return problemOfLogRole(account, stack);
  }
};
