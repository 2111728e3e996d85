/**
 * Who may talk to the console: whoever can read the terminal that it was started from. A link with a one-time token is
 * exchanged for a session; both are known by their hashes only, in the memory of this process.
 */
import { hash } from 'node:crypto';
import { LIMITS } from '../../core/limits.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Randomness } from '../../core/ports/randomness.ts';
import { MINUTE_MS } from '../../core/time.ts';
import type { Actor, EpochMs } from '../../core/webhook.ts';

export interface Session {
  readonly operator: Actor;
  readonly csrf: string;
  readonly endsAt: EpochMs;
}

export type LookOutcome =
  | { readonly outcome: 'good' }
  /** Not a token, used already, or too old. */
  | { readonly outcome: 'wrong' }
  | { readonly outcome: 'too_many' };

export type LoginOutcome =
  | { readonly outcome: 'begun'; readonly id: string }
  | Exclude<LookOutcome, { readonly outcome: 'good' }>;

export interface Sessions {
  /** A token that begins one session within `LIMITS.consoleLinkMsMax`. */
  newToken(): string;
  /** Whether `login` with it would begin one. A wrong one counts, and of too many in a minute the next is not judged. */
  look(token: string): LookOutcome;
  /** For whoever is in the session from then on. */
  login(token: string, operator: Actor): LoginOutcome;
  /** `isByPerson`: what a page asks by itself does not keep a session going. Undefined when there is none, or it has ended. */
  find(id: string, isByPerson: boolean): Session | undefined;
  end(id: string): void;
}

const SECRET_BYTES = 32;

interface Kept extends Session {
  usedAt: EpochMs;
}

export const createSessions = ({
  clock,
  randomness,
}: {
  readonly clock: Pick<Clock, 'now'>;
  readonly randomness: Pick<Randomness, 'bytes'>;
}): Sessions => {
  const tokens = new Map<string, EpochMs>();
  const sessions = new Map<string, Kept>();
  let wrongSince: EpochMs = 0;
  let wrong = 0;

  const newSecret = (): string => Buffer.from(randomness.bytes(SECRET_BYTES)).toString('base64url');
  const keyOf = (secret: string): string => hash('sha256', secret);
  const isTooMany = (now: EpochMs): boolean => {
    if (Math.abs(now - wrongSince) >= MINUTE_MS) [wrongSince, wrong] = [now, 0];
    return wrong >= LIMITS.consoleLoginsWrongPerMinuteMax;
  };

  const look = (token: string): LookOutcome => {
    const now = clock.now();
    // A right one cannot be guessed: whoever else is on this machine, and sends wrong ones, keeps nobody out.
    const madeAt = tokens.get(keyOf(token));
    if (madeAt !== undefined && Math.abs(now - madeAt) <= LIMITS.consoleLinkMsMax) return { outcome: 'good' };
    if (isTooMany(now)) return { outcome: 'too_many' };
    tokens.delete(keyOf(token));
    wrong += 1;
    return { outcome: 'wrong' };
  };

  return {
    newToken() {
      const token = newSecret();
      tokens.set(keyOf(token), clock.now());
      dropOldest(tokens, LIMITS.consoleLinksMax);
      return token;
    },
    look,
    login(token, operator) {
      const seen = look(token);
      if (seen.outcome !== 'good') return seen;
      const now = clock.now();
      tokens.delete(keyOf(token));
      const id = newSecret();
      sessions.set(keyOf(id), { operator, csrf: newSecret(), endsAt: now + LIMITS.consoleSessionMsMax, usedAt: now });
      dropOldest(sessions, LIMITS.consoleSessionsMax);
      return { outcome: 'begun', id };
    },
    find(id, isByPerson) {
      const session = sessions.get(keyOf(id));
      const now = clock.now();
      if (session === undefined) return undefined;
      // A clock that was set back by more must not keep a session that nobody uses.
      if (now >= session.endsAt || Math.abs(now - session.usedAt) >= LIMITS.consoleIdleMsMax) {
        sessions.delete(keyOf(id));
        return undefined;
      }
      if (isByPerson) session.usedAt = now;
      return session;
    },
    end: (id) => void sessions.delete(keyOf(id)),
  };
};

const dropOldest = (map: Map<string, unknown>, max: number): void => {
  const [oldest] = map.keys();
  if (map.size > max && oldest !== undefined) map.delete(oldest);
};
