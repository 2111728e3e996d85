/** Opens the home that a command is pointed at, for as long as the command runs. */
import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { createFileOperatorStore } from '../adapters/file/operator-file.ts';
import { openSqlite } from '../adapters/sqlite/sqlite-executor.ts';
import type { Settings } from '../config/load-config.ts';
import { PayhookError } from '../core/errors.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Actor } from '../core/webhook.ts';
import { createOperators, type Operators } from '../operators/operators.ts';
import {
  type DataDirectory,
  hasDatabase,
  lockForMigration,
  openDataDirectory,
  refuseHalfRestored,
  withAnchorIn,
} from './local/data-directory.ts';
import { createLocalHome, type LocalHome } from './local/home.ts';
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

const openLocalHome = <Result>(deps: OpenHomeDeps, work: (home: OperatorHome) => Promise<Result>): Promise<Result> =>
  openLocalDirectory(deps, ({ home, operators }) =>
    work({
      ...home,
      queueDepth: () => home.queue.depth(),
      operators,
      jobsAreCarriedBy: 'server',
      forgetDeadLetters: async () => {},
    }),
  );

/** The local home as it is on the disk, for commands about its own files. */
export interface LocalDirectory {
  readonly directory: DataDirectory;
  readonly home: LocalHome;
  readonly operators: Operators;
}

/** Who looks at a page of a list needs few of the database's; the system keeps the others, and gives them away where it has to. */
const COMMAND_CACHE_KIB = 2 * 1024;

/** Like `openHome`. Never makes a directory, a database or a key: that is for the first start of a server. */
export const openLocalDirectory = async <Result>(
  { settings: { dataDirectory, auditAnchorDirectory }, clock }: OpenHomeDeps,
  work: (local: LocalDirectory) => Promise<Result>,
): Promise<Result> => {
  if (!existsSync(dataDirectory)) throw notStarted('data directory', dataDirectory);
  const directory = withAnchorIn(openDataDirectory(dataDirectory), auditAnchorDirectory);
  refuseHalfRestored(directory);
  if (!hasDatabase(directory)) throw notStarted('database', directory.database);
  const executor = openSqlite({
    path: directory.database,
    cacheKib: COMMAND_CACHE_KIB,
    beforeMigrating: () => lockForMigration(directory),
  });
  try {
    const home = await createLocalHome(directory, executor, { clock });
    const store = createFileOperatorStore(directory.operatorsFile);
    const { auditLog } = home;
    return await work({
      directory,
      home,
      operators: createOperators({ store, user: localOperator(), auditLog, clock }),
    });
  } finally {
    await executor.close();
  }
};

/** Who runs a command on this machine. */
export const localOperator = (): Actor => ({ type: 'operator', id: userInfo().username });

const notStarted = (what: string, path: string): PayhookError =>
  new PayhookError(
    'store_unavailable',
    `there is no ${what} ${path} yet: start the server first (npm start), or set PAYHOOK_DATA_DIR to where the data is`,
  );
