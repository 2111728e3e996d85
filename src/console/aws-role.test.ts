import { describe, expect, test } from 'vitest';
import type { Role } from '../operators/roles.ts';
import { awsRoleOf } from './aws-role.ts';

const ACCOUNT = '123456789012';
const OTHER_ACCOUNT = '210987654321';
const session = (role: string, account = ACCOUNT): string =>
  `arn:aws:sts::${account}:assumed-role/${role}/alice@shop.example`;

const AWS_ROLES: Readonly<Record<string, Role>> = {
  OnCall: 'operator',
  AWSReservedSSO_PayhookAudit: 'auditor',
  [`arn:aws:iam::${ACCOUNT}:role/team/payments/Lead`]: 'approver',
  [`arn:aws:iam::${ACCOUNT}:user/ops/bob`]: 'operator',
};

describe('the role of a caller', () => {
  test.each<[string, Role]>([
    [session('OnCall'), 'operator'],
    [session('AWSReservedSSO_PayhookAudit_0123456789abcdef'), 'auditor'],
    [session('Lead'), 'approver'],
    [`arn:aws:iam::${ACCOUNT}:user/ops/bob`, 'operator'],
  ])('%s is %s', (arn, role) => {
    expect(awsRoleOf(arn, AWS_ROLES)).toBe(role);
  });

  test.each([
    `arn:aws:iam::${ACCOUNT}:root`,
    `arn:aws:sts::${ACCOUNT}:federated-user/OnCall`,
    `arn:aws:iam::${ACCOUNT}:user/OnCall`,
    `arn:aws:iam::${ACCOUNT}:user/bob`,
    session('oncall'),
    session('NotOnCall'),
    session('OnCall_0123456789abcdef'),
    session('AWSReservedSSO_PayhookAudit_0123456789abcde'),
    session('AWSReservedSSO_PayhookAuditors_0123456789abcdef'),
    session('Lead', OTHER_ACCOUNT),
    session('constructor'),
    session('__proto__'),
    'alice',
    '',
  ])('%s is a viewer', (arn) => {
    expect(awsRoleOf(arn, AWS_ROLES)).toBe('viewer');
  });

  test('is what its ARN says, where its name says something else', () => {
    const both = { Lead: 'viewer', [`arn:aws:iam::${ACCOUNT}:role/Lead`]: 'operator' } as const;

    expect(awsRoleOf(session('Lead'), both)).toBe('operator');
    expect(awsRoleOf(session('Lead', OTHER_ACCOUNT), both)).toBe('viewer');
  });

  test('is a viewer for everybody where the configuration names nobody', () => {
    expect(awsRoleOf(session('Admin'), {})).toBe('viewer');
  });
});
