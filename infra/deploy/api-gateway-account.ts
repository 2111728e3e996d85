/** What API Gateway has once for an account and region: the role by which it logs, and how much it takes. */
import { APIGatewayClient, GetAccountCommand } from '@aws-sdk/client-api-gateway';
import { GetRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import type { AccountLimits } from './account-limits.ts';
import { askAws } from './ask-aws.ts';

export interface ApiGatewayAccount {
  /** Name of the role; null when none is set, or when it is gone, which API Gateway does not notice. */
  readonly logRole: string | null;
  readonly limits: Partial<AccountLimits>;
}

export const apiGatewayAccount = async (options: { readonly region: string }): Promise<ApiGatewayAccount> => {
  const { cloudwatchRoleArn: arn, throttleSettings: limits } = await askAws('the account of API Gateway', () =>
    new APIGatewayClient(options).send(new GetAccountCommand({})),
  );
  const name = arn?.split('/').at(-1);
  return {
    logRole: name !== undefined && (await isThere(name, options)) ? name : null,
    limits: {
      ...(limits?.rateLimit === undefined ? {} : { requestsPerSecond: limits.rateLimit }),
      ...(limits?.burstLimit === undefined ? {} : { requestsBurst: limits.burstLimit }),
    },
  };
};

const isThere = (role: string, options: { readonly region: string }): Promise<boolean> =>
  askAws(
    `role ${role}`,
    async () => {
      await new IAMClient(options).send(new GetRoleCommand({ RoleName: role }));
      return true;
    },
    { errors: ['NoSuchEntityException', 'NoSuchEntity'], otherwise: false },
  );
