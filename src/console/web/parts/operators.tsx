/** Who may act, by name and role; what to do where nobody has a name. Changed with commands, never here. */
import type { OperatorsJson } from '../../api-types.ts';
import { commandLine } from '../command-line.ts';
import { homeOf } from '../server.ts';
import { Facts } from './facts.tsx';
import { type Column, Table } from './table.tsx';
import { Text, Time } from './value.tsx';

const COLUMNS: readonly Column<OperatorsJson['operators'][number]>[] = [
  { name: 'Operator', cell: ({ name }) => <Text of={name} /> },
  { name: 'Role', cell: ({ role }) => role },
  { name: 'Since', cell: ({ addedAt }) => <Time at={addedAt} /> },
];

export const Operators = ({ of: { operators, actsWithoutOperators, awsRoles } }: { readonly of: OperatorsJson }) => {
  if (awsRoles !== null && homeOf().kind === 'aws') return <AwsRoles of={awsRoles} />;
  if (operators.length > 0) {
    return <Table caption="Operators" columns={COLUMNS} items={operators} keyOf={({ name }) => name} />;
  }
  return (
    <p class="notice">
      No operators are defined: whoever may start a process here acts as <Text of={actsWithoutOperators} />. Somebody
      gets a name and a role with{' '}
      <code>{commandLine(homeOf(), ['operators', 'add', 'alice'], [['role', 'approver']])}</code>
    </p>
  );
};

const AwsRoles = ({ of }: { readonly of: NonNullable<OperatorsJson['awsRoles']> }) => {
  const named = Object.entries(of);
  return (
    <>
      <p class="quiet">
        IAM says who may act. Whoever is not named in the configuration (console.awsRoles) only looks.
      </p>
      {named.length > 0 && <Facts facts={named.map(([name, role]) => ({ name: <Text of={name} />, value: role }))} />}
    </>
  );
};
