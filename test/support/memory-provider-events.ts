/** A list of events in memory: the reference of the contract, and quick enough for whole days of events. */
import { LIMITS } from '../../src/core/limits.ts';
import type { ListOutcome, ProviderEvents } from '../../src/core/ports/provider-events.ts';
import { DAY_MS } from '../../src/core/time.ts';
import type { EpochMs } from '../../src/core/webhook.ts';
import type { Happened } from './fake-apis.ts';

type Asked = 'find' | 'present';
type WithFind = Omit<ProviderEvents, Asked> & Required<Pick<ProviderEvents, Asked>>;

export interface MemoryProviderEvents extends WithFind {
  readonly happened: Happened[];
  /** As the events that would tell of them now, as JSON: by kind and id, as in `refund re_1`. */
  readonly held: Map<string, string>;
  /** What the next requests are answered, in order. */
  readonly answers: ListOutcome[];
  areCursorsForgotten: boolean;
  isCredentialRevoked: boolean;
}

export const createMemoryProviderEvents = (now: () => EpochMs, listedForMs = 30 * DAY_MS): MemoryProviderEvents => {
  const list: MemoryProviderEvents = {
    listedForMs,
    happened: [],
    held: new Map(),
    answers: [],
    areCursorsForgotten: false,
    isCredentialRevoked: false,
    async list({ since, until, cursor }) {
      const answer = list.answers.shift();
      if (answer !== undefined) return answer;
      if (list.isCredentialRevoked) return { outcome: 'credential_refused', reason: 'revoked' };
      if (cursor !== null && list.areCursorsForgotten) return { outcome: 'cursor_refused' };
      const from = Math.max(since, now() - listedForMs);
      const all = list.happened
        .filter(({ at, listedFrom = at }) => at >= from && at < until && listedFrom <= now())
        .toSorted((left, right) => right.at - left.at);
      const begin = Number(cursor ?? 0);
      const end = begin + LIMITS.listedEventsMax;
      const events = all.slice(begin, end).map(({ body }) => ({ body: Buffer.from(body) }));
      return { outcome: 'page', events, next: end < all.length ? String(end) : null };
    },
    async find(eventId) {
      const answer = list.answers.shift();
      if (answer !== undefined && answer.outcome !== 'page' && answer.outcome !== 'cursor_refused') return answer;
      if (list.isCredentialRevoked) return { outcome: 'credential_refused', reason: 'revoked' };
      const found = list.happened.find(
        ({ id, at, listedFrom = at }) => id === eventId && at >= now() - listedForMs && listedFrom <= now(),
      );
      if (found === undefined) return { outcome: 'not_found' };
      return { outcome: 'found', event: { body: Buffer.from(found.body) } };
    },
    async present({ kind, id }) {
      const answer = list.answers.shift();
      if (answer !== undefined && answer.outcome !== 'page' && answer.outcome !== 'cursor_refused') return answer;
      if (list.isCredentialRevoked) return { outcome: 'credential_refused', reason: 'revoked' };
      const body = list.held.get(`${kind} ${id}`);
      return body === undefined ? { outcome: 'not_found' } : { outcome: 'found', event: { body: Buffer.from(body) } };
    },
  };
  return list;
};
