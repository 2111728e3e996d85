/** The grammar of `payhook operators`. */
import { type Command, Option } from 'commander';
import { ROLES } from '../operators/roles.ts';
import type { CommandContext } from './command-context.ts';
import { addFormatOptions, addJsonOption, type Run, readReason } from './list-options.ts';
import type { AddOperatorOptions, removeOperator } from './operators.ts';
import type { PrintOptions } from './print-list.ts';

export const addOperatorCommands = (program: Command, context: CommandContext, run: Run): void => {
  const operators = program.command('operators').description('people with a name and a role of their own here');
  const add = operators
    .command('add')
    .description('give somebody a name, a role and a passphrase, which is asked for; from the first on, all need one')
    .argument('<name>', 'as the trail will name them')
    .addOption(new Option('--role <role>', 'what they may do').choices(ROLES).makeOptionMandatory());
  run(addJsonOption(add), async (name: string, options: AddOperatorOptions) =>
    (await import('./operators.ts')).addOperator(context, name, options),
  );
  const remove = operators
    .command('remove')
    .description('take it from them again')
    .argument('<name>')
    .requiredOption('--reason <text>', 'why, for the audit trail', readReason);
  run(addJsonOption(remove), async (name: string, options: Parameters<typeof removeOperator>[2]) =>
    (await import('./operators.ts')).removeOperator(context, name, options),
  );
  const list = operators.command('list').description('who there is, with which role, since when');
  run(addFormatOptions(list), async (options: PrintOptions) =>
    (await import('./operators.ts')).listOperators(context, options),
  );
};
