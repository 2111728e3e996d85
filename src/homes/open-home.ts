/** Opens the home that a command is pointed at, for as long as the command runs. */
import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { openSqlite } from '../adapters/sqlite/sqlite-executor.ts';
import { type CommandContext, loadSettings } from '../cli/command-context.ts';
import { PayhookError } from '../core/errors.ts';
import { openDataDirectory } from './local/data-directory.ts';
import { createHome } from './local/home.ts';
import type { OperatorHome } from './operator-home.ts';

/** Opens the chosen home for one command and closes it afterwards. A server may run on it at the same time. */
export const withHome = async <Result>(
  context: CommandContext,
  work: (home: OperatorHome) => Promise<Result>,
): Promise<Result> => {
  const chosen = context.home();
  if (chosen.kind === 'local') return withLocalHome(context, work);
  // Loaded only when it is needed: the AWS clients are most of what the command line would have in memory.
  const { withAwsHome } = await import('./aws/open-operator-home.ts');
  return withAwsHome(context, chosen.environmentSuffix, work);
};

const withLocalHome = async <Result>(
  context: CommandContext,
  work: (home: OperatorHome) => Promise<Result>,
): Promise<Result> => {
  const { dataDirectory } = await loadSettings(context);
  if (!existsSync(dataDirectory)) {
    throw new PayhookError(
      'store_unavailable',
      `there is no data directory ${dataDirectory} yet: start the server first (npm start), or set PAYHOOK_DATA_DIR to where the data is`,
    );
  }
  const directory = openDataDirectory(dataDirectory);
  const executor = openSqlite({ path: directory.database });
  try {
    const home = createHome(directory, executor, { clock: context.clock });
    return await work({
      ...home,
      operator: { type: 'operator', id: userInfo().username },
      forgetDeadLetters: async () => {},
    });
  } finally {
    await executor.close();
  }
};
