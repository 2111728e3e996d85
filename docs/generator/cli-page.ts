/** `docs/reference/cli.md`: every command with its arguments and options, asked of the command line itself. */
import type { Command } from 'commander';
import { processContext } from '../../src/cli/command-context.ts';
import { createProgram } from '../../src/cli/program.ts';
import { code, fence, table } from './markdown.ts';

const visible = <Item extends { readonly hidden?: boolean }>(items: readonly Item[]): readonly Item[] =>
  items.filter(({ hidden }) => hidden !== true);

const sentence = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;

const argumentRows = ({ registeredArguments }: Command): readonly (readonly string[])[] =>
  registeredArguments.map((one) => [code(one.required ? `<${one.name()}>` : `[${one.name()}]`), one.description]);

const optionRows = ({ options }: Command): readonly (readonly string[])[] =>
  visible(options).map(({ flags, description, argChoices, defaultValue }) => {
    const hasDefault = defaultValue !== undefined && typeof defaultValue !== 'boolean';
    const more = [
      ...(argChoices === undefined ? [] : [`one of ${argChoices.map(code).join(', ')}`]),
      ...(hasDefault ? [`default ${code(String(defaultValue))}`] : []),
    ];
    return [code(flags), more.length === 0 ? description : `${description} (${more.join('; ')})`];
  });

const section = (command: Command, path: readonly string[]): readonly string[] => {
  const name = [...path, command.name()];
  const own = command.commands.length > 0 && command.registeredArguments.length === 0;
  const usage = [
    ...name,
    ...command.registeredArguments.map((one) => (one.required ? `<${one.name()}>` : `[${one.name()}]`)),
  ];
  const [args, options] = [argumentRows(command), optionRows(command)];
  const body = [
    `## ${name.join(' ')}`,
    sentence(command.description()),
    ...(own ? [] : [fence('', `${usage.join(' ')}${options.length > 0 ? ' [options]' : ''}`)]),
    ...(args.some(([, what]) => what !== '') ? [table(['Argument', 'What'], args)] : []),
    ...(options.length === 0 ? [] : [table(['Option', 'What'], options)]),
  ];
  return [...body, ...command.commands.filter((one) => one.name() !== 'help').flatMap((one) => section(one, name))];
};

export const cliPage = (): string => {
  const program = createProgram({ ...processContext(), env: {} }, () => undefined, '');
  const commands = program.commands.filter((one) => one.name() !== 'help').flatMap((one) => section(one, ['payhook']));
  return `${[
    '# Command line',
    'Generated from the commands: `npm run docs`. In a checkout the command is `bin/payhook`, in a project `npx payhook`.',
    'Exit codes: 0 done, 1 the thing asked about is not so, 2 wrong usage or configuration. `payhook completion <shell>` prints a script that completes words in `bash`, `zsh`, `fish` or `powershell`; `--version` and `--help` are understood everywhere.',
    '## Options of all commands',
    table(['Option', 'What'], optionRows(program)),
    ...commands,
  ].join('\n\n')}\n`;
};
