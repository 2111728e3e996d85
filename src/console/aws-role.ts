/** Which role somebody has who comes with credentials of AWS: what the configuration says of their role of IAM. Pure. */
import type { Role } from '../operators/roles.ts';

/** What `sts:GetCallerIdentity` says: a role somebody has taken on, with the session's name, or a user with its path. */
const ASSUMED = /^arn:aws:sts::(\d{12}):assumed-role\/([\w+=,.@-]+)\/[\w+=,.@-]+$/;
const USER = /^arn:aws:iam::\d{12}:user\/.+$/;

/** Single sign-on makes a role for each permission set in each account, and puts 16 digits of its own behind the name. */
const SIGN_ON = /^(AWSReservedSSO_.+)_[0-9a-f]{16}$/;

/** The ARN of a role has a path that the ARN of its session has not: account and name say which role it is. */
const isRole = (written: string, account: string, name: string): boolean =>
  written.startsWith(`arn:aws:iam::${account}:role/`) && written.endsWith(`/${name}`);

/** `viewer` for whoever is not named: the root user and federated users too. An ARN counts before a name. */
export const awsRoleOf = (callerArn: string, awsRoles: Readonly<Record<string, Role>>): Role => {
  const named = new Map(Object.entries(awsRoles));
  if (USER.test(callerArn)) return named.get(callerArn) ?? 'viewer';
  const [, account, name] = ASSUMED.exec(callerArn) ?? [];
  if (account === undefined || name === undefined) return 'viewer';
  const [, byArn] = [...named].find(([written]) => isRole(written, account, name)) ?? [];
  const [, signOnName = name] = SIGN_ON.exec(name) ?? [];
  return byArn ?? named.get(name) ?? named.get(signOnName) ?? 'viewer';
};
