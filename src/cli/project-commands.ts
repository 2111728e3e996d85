/** Commands for a project that Payhook is a dependency of. */
import type { Command } from 'commander';
import type { CommandContext } from './command-context.ts';
import type { InitOptions } from './init.ts';
import type { Run } from './list-options.ts';

export const addProjectCommands = (program: Command, context: CommandContext, run: Run): void => {
  const initCommand = program
    .command('init')
    .description('write configuration, a first handler and its test, and what runs them, into this folder')
    .option('--yes', 'without asking');
  run(initCommand, async (options: InitOptions) => (await import('./init.ts')).init(context, options));
};
