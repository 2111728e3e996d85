/** Posts many deliveries in groups, and tries again where a provider would. */
import { setTimeout as pause } from 'node:timers/promises';
import { asPayhookError } from '../core/errors.ts';
import type { Post } from './post-delivery.ts';

/** Groups under way at once: enough to keep a server busy, few enough for its connection limit. */
const LANES = 16;
const WAIT_MS = 200;
/** Together half a minute: long enough for a server to be started again. */
const ATTEMPTS_MAX = 150;

const TRY_AGAIN: ReadonlySet<number> = new Set([429, 503]);

export interface PostedDelivery<T> {
  readonly item: T;
  /** The last answer. */
  readonly answer: Post;
}

/**
 * Posts the members of each group one after the other, several groups at the same time. Busy (429, 503) and, once the
 * server has answered anything, unreachable are tried again for half a minute. Throws `server_unreachable`.
 */
export const postGroups = async <T>(
  groups: readonly (readonly T[])[],
  post: (item: T) => Promise<Post>,
): Promise<readonly PostedDelivery<T>[]> => {
  const posted: PostedDelivery<T>[] = [];
  const queue = groups.values();
  let isKnownToAnswer = false;
  let isOver = false;

  const postOne = async (item: T): Promise<Post> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const answer = await post(item);
        isKnownToAnswer = true;
        if (!TRY_AGAIN.has(answer.httpStatus) || attempt === ATTEMPTS_MAX) return answer;
      } catch (error) {
        const isPassing = asPayhookError(error).code === 'server_unreachable' && isKnownToAnswer;
        if (!isPassing || attempt === ATTEMPTS_MAX) throw error;
      }
      await pause(WAIT_MS);
    }
  };
  const runLane = async (): Promise<void> => {
    for (const group of queue) {
      for (const item of group) {
        if (isOver) return;
        posted.push({ item, answer: await postOne(item) });
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(LANES, groups.length) }, runLane));
  } finally {
    isOver = true;
  }
  return posted;
};
