/** `payhook operators`: who has a name of their own on this machine, and what each may do. */
import { createFileOperatorStore } from '../adapters/file/operator-file.ts';
import { PayhookError } from '../core/errors.ts';
import type { Actor } from '../core/webhook.ts';
import { lockOperators } from '../homes/local/data-directory.ts';
import { type LocalDirectory, openLocalDirectory } from '../homes/open-home.ts';
import { timeText } from '../operate/webhook-json.ts';
import { createAddOperator, createRemoveOperator } from '../operators/change-operators.ts';
import { type Operator, type OperatorStore, problemOfOperatorName } from '../operators/operator.ts';
import { problemOfPassphrase } from '../operators/passphrase.ts';
import type { Role } from '../operators/roles.ts';
import { actAs } from './act-as.ts';
import { type CommandContext, loadSettings, refuseAws } from './command-context.ts';
import { type PrintOptions, printList, type Shown } from './print-list.ts';
import type { ExitCode } from './report-failure.ts';

const ON_AWS =
  'on AWS whoever has credentials is an operator, under the ARN that AWS knows them by: IAM says what each may, see docs/operators.md#on-aws';

interface Here extends LocalDirectory {
  readonly operatorStore: OperatorStore;
}

const withOperators = async (context: CommandContext, work: (here: Here) => Promise<ExitCode>): Promise<ExitCode> => {
  refuseAws(context, ON_AWS);
  return openLocalDirectory({ settings: await loadSettings(context), clock: context.clock }, (local) =>
    work({ ...local, operatorStore: createFileOperatorStore(local.directory.operatorsFile) }),
  );
};

/** While there is no approver, whoever owns the data directory. */
const changer = async (context: CommandContext, { operators, operatorStore }: Here): Promise<Actor> =>
  operatorStore.all().some(({ role }) => role === 'approver')
    ? actAs(context, operators, 'change_operators')
    : operators.user;

export interface AddOperatorOptions {
  readonly role: Role;
  readonly json?: boolean;
}

/** Audited. Asks for the passphrase. Exit 1 when there is such an operator. */
export const addOperator = (
  context: CommandContext,
  name: string,
  { role, json = false }: AddOperatorOptions,
): Promise<ExitCode> =>
  withOperators(context, async (here) => {
    const problem = problemOfOperatorName(name);
    if (problem !== null) throw new PayhookError('usage_wrong', `${name} ${problem}`);
    const by = await changer(context, here);
    const passphrase = await newPassphrase(context, name);
    const add = createAddOperator({ ...here.home, store: here.operatorStore });
    using _lock = lockOperators(here.directory);
    const outcome = await add({ name, role, passphrase, by });
    if (json) context.print(JSON.stringify({ name, role, outcome }));
    else context.print(addedLine(outcome, name, role));
    return outcome === 'added' ? 0 : 1;
  });

const addedLine = (outcome: Awaited<ReturnType<ReturnType<typeof createAddOperator>>>, name: string, role: Role) => {
  switch (outcome) {
    case 'added':
      return `${name} is an operator now, with the role ${role}: whoever changes anything here says who they are, with --operator`;
    case 'there':
      return `there is an operator ${name} already: remove them first, or give another name`;
    case 'full':
      return 'there are too many operators: remove one who is not needed any more';
    default:
      return outcome satisfies never;
  }
};

const newPassphrase = async (context: CommandContext, name: string): Promise<string> => {
  const passphrase = await context.askSecret(`new passphrase of ${name}`);
  const problem = problemOfPassphrase(passphrase);
  if (problem !== null) throw new PayhookError('usage_wrong', `the passphrase ${problem}`);
  const again = context.isTerminal ? await context.askSecret('the same again') : passphrase;
  if (again !== passphrase) throw new PayhookError('usage_wrong', 'these are two passphrases: nothing was changed');
  return passphrase;
};

/** Audited. Exit 1 when there is no such operator, or nobody would be left who may add one. */
export const removeOperator = (
  context: CommandContext,
  name: string,
  { reason, json = false }: { readonly reason: string; readonly json?: boolean },
): Promise<ExitCode> =>
  withOperators(context, async (here) => {
    const by = await changer(context, here);
    using _lock = lockOperators(here.directory);
    const outcome = await createRemoveOperator({ ...here.home, store: here.operatorStore })(name, by, reason);
    if (json) context.print(JSON.stringify({ name, outcome }));
    else context.print(removedLine(outcome, name));
    return outcome === 'removed' ? 0 : 1;
  });

const removedLine = (outcome: Awaited<ReturnType<ReturnType<typeof createRemoveOperator>>>, name: string): string => {
  switch (outcome) {
    case 'removed':
      return `${name} is no operator any more: sessions of the console end, and what waits for approval has to be asked for again`;
    case 'missing':
      return `there is no operator ${name}: payhook operators list shows who there is`;
    case 'last_approver':
      return `${name} is the last approver: nobody who is left could add another one; add one first, or remove the others first`;
    default:
      return outcome satisfies never;
  }
};

export const listOperators = (context: CommandContext, options: PrintOptions): Promise<ExitCode> =>
  withOperators(context, async ({ operatorStore, operators }) => {
    const nobody = `no operators are defined: whoever acts here is ${operators.user.id}`;
    printList(context, operatorStore.all(), SHOWN, options, nobody);
    return 0;
  });

const SHOWN: Shown<Pick<Operator, 'name' | 'role' | 'addedAt'>> = {
  header: ['NAME', 'ROLE', 'SINCE'],
  row: ({ name, role, addedAt }) => [name, role, timeText(addedAt)],
  json: ({ name, role, addedAt }) => ({ name, role, addedAt: timeText(addedAt) }),
};
