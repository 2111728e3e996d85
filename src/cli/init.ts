/** `payhook init`: the files of a project of one's own, so that a first webhook is a minute away. */
import { createInterface } from 'node:readline/promises';
import { PayhookError } from '../core/errors.ts';
import { PROVIDERS } from '../providers/providers.ts';
import type { CommandContext } from './command-context.ts';
import { writeProject } from './init/write-project.ts';
import type { ExitCode } from './report-failure.ts';

export interface InitOptions {
  readonly yes?: boolean;
}

/** Writes into the working directory what is not there yet; nothing that is there is changed but package.json. */
export const init = async (context: CommandContext, { yes = false }: InitOptions): Promise<ExitCode> => {
  if (!yes && !(await isWanted(context))) return 1;
  const { written, left, packageChanges } = writeProject(context.cwd);
  for (const name of written) context.print(`wrote      ${name}`);
  for (const change of packageChanges) context.print(`changed    package.json: ${change}`);
  for (const name of left) context.print(`left       ${name}, which is there already`);
  for (const line of NEXT) context.print(line);
  return 0;
};

const [FIRST] = PROVIDERS;
const NEXT = [
  '',
  '  npm install                                          the compiler, for npm run check',
  '  npm start                                            run the server',
  `  ${`npx payhook send ${FIRST.name} ${FIRST.firstEventType}`.padEnd(51)}  from another terminal: a signed webhook`,
  '  npm test                                             the test of the handler',
];

const isWanted = async ({ cwd }: CommandContext): Promise<boolean> => {
  if (!process.stdin.isTTY) {
    throw new PayhookError('usage_wrong', 'init asks before it writes, and nobody can answer here: add --yes');
  }
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await lines.question(`Write the files of a Payhook project into ${cwd}? [Y/n] `);
    return /^\s*(y|yes)?\s*$/i.test(answer);
  } finally {
    lines.close();
  }
};
