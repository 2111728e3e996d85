/**
 * Browsers that were opened without a link. A link among the arguments of a process can be read by others on the machine; a
 * number that a browser shows, and whoever sits at the terminal types there, is of no use to them.
 */
import { hash } from 'node:crypto';
import { LIMITS } from '../../core/limits.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Randomness } from '../../core/ports/randomness.ts';
import type { EpochMs } from '../../core/webhook.ts';

export type WaitingOutcome =
  | { readonly outcome: 'waits' }
  /** With the token of a link, told once. */
  | { readonly outcome: 'admitted'; readonly token: string }
  /** Nobody typed its number in time, or it was told already. */
  | { readonly outcome: 'over' };

export interface WaitingBrowsers {
  /** The number is for a person to see; the ticket is known to the browser alone. */
  add(): { readonly number: string; readonly ticket: string };
  /** Whether a browser shows this number: it is let in. */
  admit(number: string): boolean;
  ask(ticket: string): WaitingOutcome;
}

interface Waiting {
  readonly number: string;
  readonly since: EpochMs;
  isAdmitted: boolean;
}

const TICKET_BYTES = 32;
const NUMBERS = 1_000_000;

export const createWaitingBrowsers = ({
  clock,
  randomness,
  newToken,
}: {
  readonly clock: Pick<Clock, 'now'>;
  readonly randomness: Pick<Randomness, 'bytes'>;
  readonly newToken: () => string;
}): WaitingBrowsers => {
  const waiting = new Map<string, Waiting>();
  const keyOf = (ticket: string): string => hash('sha256', ticket);
  const dropOld = (): void => {
    for (const [key, { since }] of waiting) {
      if (Math.abs(clock.now() - since) > LIMITS.consoleLinkMsMax) waiting.delete(key);
    }
  };
  /** None that another one shows. */
  const newNumber = (): string => {
    const taken = new Set([...waiting.values()].map(({ number }) => Number(number)));
    let number = Buffer.from(randomness.bytes(6)).readUIntBE(0, 6) % NUMBERS;
    while (taken.has(number)) number = (number + 1) % NUMBERS;
    return String(number).padStart(6, '0');
  };
  return {
    add() {
      dropOld();
      const [oldest] = waiting.keys();
      if (waiting.size >= LIMITS.consoleLinksMax && oldest !== undefined) waiting.delete(oldest);
      const ticket = Buffer.from(randomness.bytes(TICKET_BYTES)).toString('base64url');
      const number = newNumber();
      waiting.set(keyOf(ticket), { number, since: clock.now(), isAdmitted: false });
      return { number, ticket };
    },
    admit(number) {
      dropOld();
      const found = [...waiting.values()].find((one) => one.number === number);
      if (found === undefined) return false;
      found.isAdmitted = true;
      return true;
    },
    ask(ticket) {
      dropOld();
      const found = waiting.get(keyOf(ticket));
      if (found === undefined) return { outcome: 'over' };
      if (!found.isAdmitted) return { outcome: 'waits' };
      waiting.delete(keyOf(ticket));
      return { outcome: 'admitted', token: newToken() };
    },
  };
};
