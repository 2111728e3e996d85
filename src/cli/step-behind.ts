/** A process that reads beside a server which answers providers: where both want a core, the server has it. */
import { constants, getPriority, setPriority } from 'node:os';

const BEHIND = constants.priority.PRIORITY_BELOW_NORMAL;

/** For what has begun already, such as a browser, nothing changes. */
export const stepBehind = (): void => {
  try {
    // Who was put further behind stays there.
    if (getPriority() < BEHIND) setPriority(BEHIND);
  } catch {
    // The system knows no priorities, or lets nobody change one: the console is as good without.
  }
};
