/** Who acts, before a command does anything: asks for the passphrase where operators are defined, and looks at the role. */
import { PayhookError } from '../core/errors.ts';
import type { Actor } from '../core/webhook.ts';
import type { ActingHome } from '../homes/operator-home.ts';
import { timeText } from '../operate/webhook-json.ts';
import type { Operators } from '../operators/operators.ts';
import type { Permission } from '../operators/roles.ts';
import { type CommandContext, withHome } from './command-context.ts';

/** Throws `usage_wrong` when nobody is named, and `not_allowed` when it is not that person, or not for that role. */
export const actAs = async (context: CommandContext, operators: Operators, permission: Permission): Promise<Actor> => {
  const name = context.operatorName();
  if (!operators.areDefined()) {
    if (name === undefined) return operators.user;
    throw new PayhookError(
      'usage_wrong',
      `no operators are defined here, so nobody can be ${name}: you act as ${operators.user.id}; leave --operator and PAYHOOK_OPERATOR out`,
    );
  }
  if (name === undefined) {
    throw new PayhookError(
      'usage_wrong',
      'operators are defined here: say who you are, with --operator <name> or PAYHOOK_OPERATOR',
    );
  }
  const signedIn = await operators.signIn(name, await context.askSecret(`passphrase of ${name}`));
  switch (signedIn.outcome) {
    case 'wrong':
      throw new PayhookError('not_allowed', `that is not the passphrase of ${name}, or there is no operator ${name}`);
    case 'locked':
      throw new PayhookError(
        'not_allowed',
        `too many passphrases of ${name} were wrong: none is taken until ${timeText(signedIn.until)}`,
      );
    case 'in': {
      const why = await operators.refuse(signedIn.person, permission);
      if (why !== null) throw new PayhookError('not_allowed', `${name} has another role: ${why}`);
      return signedIn.person.operator;
    }
    default:
      return signedIn satisfies never;
  }
};

/** `withHome`, for what is done under somebody's name. */
export const withOperator = <Result>(
  context: CommandContext,
  permission: Permission,
  work: (home: ActingHome) => Promise<Result>,
): Promise<Result> =>
  withHome(context, async (home) => work({ ...home, operator: await actAs(context, home.operators, permission) }));
