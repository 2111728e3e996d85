/** What the server of this machine says of itself; null where none runs, or it says nothing any more. */
import { existsSync } from 'node:fs';
import { PayhookError } from '../../core/errors.ts';
import type { Clock } from '../../core/ports/clock.ts';
import { openDataDirectory } from './data-directory.ts';
import { type PublishedState, readPublishedState } from './published-state.ts';

export const readRunningState = async (path: string, clock: Pick<Clock, 'now'>): Promise<PublishedState | null> => {
  if (!existsSync(path)) return null;
  const { stateFile } = openDataDirectory(path);
  const found = await readPublishedState(stateFile, clock.now()).catch((error: unknown) => {
    // What a server says beside it is no reason to show nothing: health says what is wrong with the file.
    if (error instanceof PayhookError && error.code === 'store_damaged') return { outcome: 'none' } as const;
    throw error;
  });
  return found.outcome === 'fresh' ? found.state : null;
};
