/** Commands for a project that Payhook is a dependency of. */
import type { Command } from 'commander';
import type { CommandContext } from './command-context.ts';
import type { InitOptions } from './init.ts';
import type { Run } from './list-options.ts';

const DEPLOYMENTS: Readonly<Record<string, string>> = {
  synth: 'build the functions, and write the template of the stack on AWS into cdk.out',
  deploy: 'the same, and deploy it with your AWS credentials',
  destroy: 'remove a deployed stack',
};

export const addProjectCommands = (program: Command, context: CommandContext, run: Run): void => {
  const initCommand = program
    .command('init')
    .description('write configuration, a first handler and its test, and what runs them, into this folder')
    .option('--yes', 'without asking');
  run(initCommand, async (options: InitOptions) => (await import('./init.ts')).init(context, options));

  for (const [name, description] of Object.entries(DEPLOYMENTS)) {
    const command = program
      .command(name)
      .description(description)
      .argument('<environment suffix>', 'ends every name, so that several stacks fit into one account')
      .argument('[options...]', 'of the cdk command')
      .allowUnknownOption();
    run(command, async (_suffix: string, _options: readonly string[], _: object, { args }: Command) =>
      (await import('./deploy.ts')).runDeployment(context, [name, ...args]),
    );
  }
};
