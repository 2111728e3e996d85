/** Opens the home that a command is pointed at, for as long as the command runs. */
import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { openSqlite } from '../adapters/sqlite/sqlite-executor.ts';
import type { Settings } from '../config/load-config.ts';
import { PayhookError } from '../core/errors.ts';
import type { Clock } from '../core/ports/clock.ts';
import { openDataDirectory } from './local/data-directory.ts';
import { createLocalHome } from './local/home.ts';
import type { HomeChoice, OperatorHome } from './operator-home.ts';

export interface OpenHomeDeps {
  readonly settings: Settings;
  readonly clock: Clock;
}

/** Opens the chosen home for one command and closes it afterwards. A server may run on it at the same time. */
export const openHome = async <Result>(
  choice: HomeChoice,
  deps: OpenHomeDeps,
  work: (home: OperatorHome) => Promise<Result>,
): Promise<Result> => {
  if (choice.kind === 'local') return openLocalHome(deps, work);
  // Loaded only when it is needed: the AWS clients are most of what the command line would have in memory.
  const { openAwsHome } = await import('./aws/open-operator-home.ts');
  return openAwsHome(deps, choice.environmentSuffix, work);
};

const openLocalHome = async <Result>(
  { settings: { dataDirectory }, clock }: OpenHomeDeps,
  work: (home: OperatorHome) => Promise<Result>,
): Promise<Result> => {
  if (!existsSync(dataDirectory)) {
    throw new PayhookError(
      'store_unavailable',
      `there is no data directory ${dataDirectory} yet: start the server first (npm start), or set PAYHOOK_DATA_DIR to where the data is`,
    );
  }
  const directory = openDataDirectory(dataDirectory);
  const executor = openSqlite({ path: directory.database });
  try {
    const home = createLocalHome(directory, executor, { clock });
    return await work({
      ...home,
      operator: { type: 'operator', id: userInfo().username },
      forgetDeadLetters: async () => {},
    });
  } finally {
    await executor.close();
  }
};
