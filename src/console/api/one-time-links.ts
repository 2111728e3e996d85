/** Links to something that was asked for just before, with its reason: good once, soon, and for the session that asked. */
import { hash } from 'node:crypto';
import { LIMITS } from '../../core/limits.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Randomness } from '../../core/ports/randomness.ts';
import type { EpochMs } from '../../core/webhook.ts';

export interface OneTimeLinks {
  /** The last part of an address. */
  make(sessionId: string): string;
  /** Whether it was good; it is not any more. */
  take(link: string, sessionId: string): boolean;
}

const LINK_BYTES = 32;

export const createOneTimeLinks = (clock: Pick<Clock, 'now'>, randomness: Pick<Randomness, 'bytes'>): OneTimeLinks => {
  const links = new Map<string, EpochMs>();
  const keyOf = (link: string, sessionId: string): string => hash('sha256', JSON.stringify([link, sessionId]));
  return {
    make(sessionId) {
      const link = Buffer.from(randomness.bytes(LINK_BYTES)).toString('base64url');
      links.set(keyOf(link, sessionId), clock.now());
      const [oldest] = links.keys();
      if (links.size > LIMITS.consoleLinksMax && oldest !== undefined) links.delete(oldest);
      return link;
    },
    take(link, sessionId) {
      const key = keyOf(link, sessionId);
      const madeAt = links.get(key);
      links.delete(key);
      return madeAt !== undefined && Math.abs(clock.now() - madeAt) <= LIMITS.consoleLinkMsMax;
    },
  };
};
