/** What every list of events says, whoever's it is. */
import { describe, expect } from 'vitest';
import { LIMITS } from '../../src/core/limits.ts';
import type { ListOutcome, ListRequest, ProviderEvents } from '../../src/core/ports/provider-events.ts';
import type { AskedObject, PresentKind } from '../../src/core/present-state.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/core/time.ts';
import type { EpochMs } from '../../src/core/webhook.ts';
import { NOW, type TestClock } from '../support/clock.ts';
import { type ContractOptions, defineContract } from './contract-tests.ts';

export interface ProviderEventsHarness extends AsyncDisposable {
  readonly events: ProviderEvents;
  readonly clock: TestClock;
  /** Makes something happen, with more members as JSON in its object. */
  happen(id: string, at: EpochMs, options?: { readonly listedFrom?: EpochMs; readonly member?: string }): void;
  /** The id that the provider's `parse` reads in a listed event. */
  idOf(body: Uint8Array): string;
  refuse(
    fault:
      | 'too_often'
      | 'too_often_for_a_minute'
      | 'server_error'
      | 'dropped'
      | 'not_json'
      | 'no_list'
      | 'too_deep'
      | 'too_many',
  ): void;
  /** What its API can be asked for by id, and has it keep one of a kind. */
  readonly presentKinds: readonly PresentKind[];
  hold(object: AskedObject): void;
  /** Its API cannot be asked for one event. */
  readonly cannotFind?: true;
  revokeCredential(): void;
  forgetCursors(): void;
}

export type OpenProviderEvents = () => Promise<ProviderEventsHarness>;

const HOUR: ListRequest = { since: NOW - HOUR_MS, until: NOW, cursor: null };

const listAll = async ({ events }: ProviderEventsHarness, request: ListRequest): Promise<readonly Uint8Array[]> => {
  const bodies: Uint8Array[] = [];
  for (let page = await events.list(request); ; page = await events.list({ ...request, cursor: page.next })) {
    if (page.outcome !== 'page') throw new Error(`not a page: ${JSON.stringify(page)}`);
    expect(page.events.length).toBeLessThanOrEqual(LIMITS.listedEventsMax);
    bodies.push(...page.events.map(({ body }) => body));
    if (page.next === null) return bodies;
    if (bodies.length > 1000) throw new Error('the list does not end');
  }
};

const nextOf = (page: ListOutcome): string => {
  if (page.outcome !== 'page' || page.next === null) throw new Error('there is no next page');
  return page.next;
};

export const describeProviderEvents = (name: string, open: OpenProviderEvents, options: ContractOptions = {}): void => {
  describe(`ProviderEvents: ${name}`, () => {
    defineContract(options, (test) => {
      test('lists each event of a window once, over as many pages as it needs', async () => {
        await using harness = await open();
        const ids = Array.from({ length: 250 }, (_, index) => `evt${1000 + index}`);
        for (const [index, id] of ids.entries()) harness.happen(id, NOW - HOUR_MS + (index + 1) * 10 * SECOND_MS);

        const listed = await listAll(harness, HOUR);

        expect(listed.map(harness.idOf).sort()).toEqual(ids);
      });

      test('lists nothing that is outside of the window by more than a second', async () => {
        await using harness = await open();
        harness.happen('evt0before', NOW - HOUR_MS - 2 * SECOND_MS);
        harness.happen('evt1first', NOW - HOUR_MS);
        harness.happen('evt2last', NOW - SECOND_MS);
        harness.happen('evt3after', NOW + 2 * SECOND_MS);

        expect((await listAll(harness, HOUR)).map(harness.idOf).sort()).toEqual(['evt1first', 'evt2last']);
      });

      test('answers with an empty page where nothing happened', async () => {
        await using harness = await open();
        expect(await harness.events.list(HOUR)).toMatchObject({ outcome: 'page', events: [], next: null });
      });

      test('gives every digit of a number as it was listed', async () => {
        await using harness = await open();
        harness.happen('evt1', NOW - MINUTE_MS, { member: '"big": 12345678901234567890, "price": 1.10, "small": 7' });

        const [body] = await listAll(harness, HOUR);

        expect(Buffer.from(body ?? []).toString()).toMatch(
          /"big":\s?12345678901234567890,\s?"price":\s?1\.10,\s?"small":\s?7/,
        );
      });

      test('has what came late into the list when the window is listed again', async () => {
        await using harness = await open();
        harness.happen('evt1', NOW - MINUTE_MS, { listedFrom: NOW + MINUTE_MS });
        expect(await listAll(harness, HOUR)).toEqual([]);
        harness.clock.advance(2 * MINUTE_MS);

        expect((await listAll(harness, HOUR)).map(harness.idOf)).toEqual(['evt1']);
      });

      test('says how long it lists an event, and does not list what is older', async () => {
        await using harness = await open();
        const { listedForMs } = harness.events;
        harness.happen('evt0gone', NOW - listedForMs - HOUR_MS);
        harness.happen('evt1kept', NOW - listedForMs + HOUR_MS);

        const listed = await listAll(harness, { ...HOUR, since: NOW - listedForMs - DAY_MS });

        expect(listed.map(harness.idOf)).toEqual(['evt1kept']);
      });

      test('tells that it was asked too often, and for how long where that is said', async () => {
        await using harness = await open();
        harness.refuse('too_often');
        expect(await harness.events.list(HOUR)).toEqual({ outcome: 'rate_limited', retryAfterMs: null });
        harness.refuse('too_often_for_a_minute');
        expect(await harness.events.list(HOUR)).toEqual({ outcome: 'rate_limited', retryAfterMs: MINUTE_MS });
        expect(await harness.events.list(HOUR)).toMatchObject({ outcome: 'page' });
      });

      test('tells that the credential is refused, one that was good before too', async () => {
        await using harness = await open();
        expect(await harness.events.list(HOUR)).toMatchObject({ outcome: 'page' });
        harness.revokeCredential();

        expect(await harness.events.list(HOUR)).toMatchObject({ outcome: 'credential_refused' });
      });

      test('tells that a cursor is not good any more', async () => {
        await using harness = await open();
        for (let index = 0; index < 150; index += 1)
          harness.happen(`evt${1000 + index}`, NOW - HOUR_MS + index * SECOND_MS);
        const cursor = nextOf(await harness.events.list(HOUR));
        harness.forgetCursors();

        expect(await harness.events.list({ ...HOUR, cursor })).toEqual({ outcome: 'cursor_refused' });
      });

      test('gives one event by the id that its deliveries have, and says when there is none yet', async () => {
        await using harness = await open();
        const { events } = harness;
        expect(events.find === undefined).toBe(harness.cannotFind === true);
        if (events.find === undefined) return;
        harness.happen('evt1', NOW - MINUTE_MS, { listedFrom: NOW + MINUTE_MS, member: '"price": 1.10' });
        harness.happen('evt2', NOW - MINUTE_MS);

        expect(await events.find('evt1')).toEqual({ outcome: 'not_found' });
        harness.clock.advance(2 * MINUTE_MS);
        const found = await events.find('evt1');
        if (found.outcome !== 'found') throw new Error(`not found: ${JSON.stringify(found)}`);

        expect(harness.idOf(found.event.body)).toBe('evt1');
        expect(Buffer.from(found.event.body).toString()).toMatch(/"price":\s?1\.10/);
        expect(await events.find('evt0/../evt1')).toEqual({ outcome: 'not_found' });
        expect(await events.find('evt\ud800')).toEqual({ outcome: 'not_found' });
      });

      test('is refused one event as it is refused a list', async () => {
        await using harness = await open();
        const { events } = harness;
        if (events.find === undefined) return expect(harness.cannotFind).toBe(true);
        harness.happen('evt1', NOW - MINUTE_MS);
        harness.refuse('too_often_for_a_minute');
        expect(await events.find('evt1')).toEqual({ outcome: 'rate_limited', retryAfterMs: MINUTE_MS });
        harness.refuse('server_error');
        expect(await events.find('evt1')).toMatchObject({ outcome: 'unavailable' });
        harness.revokeCredential();
        expect(await events.find('evt1')).toMatchObject({ outcome: 'credential_refused' });
      });

      test('gives each kind of object as it is now under its own id, and says when there is none', async () => {
        await using harness = await open();
        const { present } = harness.events;
        expect(present === undefined).toBe(harness.presentKinds.length === 0);
        for (const kind of harness.presentKinds) {
          harness.hold({ kind, id: `one_${kind}` });
          const found = await present?.({ kind, id: `one_${kind}` }, null);
          if (found?.outcome !== 'found') throw new Error(`not found: ${JSON.stringify(found)}`);
          expect(harness.idOf(found.event.body)).toBe(`one_${kind}`);
          expect(await present?.({ kind, id: 'another' }, null)).toEqual({ outcome: 'not_found' });
        }
      });

      test('is refused an object as it is refused a list', async () => {
        await using harness = await open();
        const [kind] = harness.presentKinds;
        if (kind === undefined) return expect(harness.events.present).toBe(undefined);
        const ask = () => harness.events.present?.({ kind, id: 'one' }, null);
        harness.hold({ kind, id: 'one' });
        harness.refuse('too_often_for_a_minute');
        expect(await ask()).toEqual({ outcome: 'rate_limited', retryAfterMs: MINUTE_MS });
        harness.refuse('server_error');
        expect(await ask()).toMatchObject({ outcome: 'unavailable' });
        harness.revokeCredential();
        expect(await ask()).toMatchObject({ outcome: 'credential_refused' });
      });

      for (const fault of ['server_error', 'dropped', 'not_json', 'no_list', 'too_deep', 'too_many'] as const) {
        test(`is unavailable, and says nothing of what was sent, for an answer that is ${fault}`, async () => {
          await using harness = await open();
          harness.refuse(fault);

          const answer = await harness.events.list(HOUR);

          expect(answer).toMatchObject({ outcome: 'unavailable', reason: expect.stringMatching(/^[a-z0-9_]+$/) });
          expect(JSON.stringify(answer)).not.toContain('canary');
          expect(await harness.events.list(HOUR)).toMatchObject({ outcome: 'page' });
        });
      }
    });
  });
};
