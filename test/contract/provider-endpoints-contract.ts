/** What the API of every provider that keeps endpoints says of them. */
import { describe, expect } from 'vitest';
import type { ProviderEndpoints } from '../../src/core/ports/provider-endpoints.ts';
import { MINUTE_MS } from '../../src/core/time.ts';
import type { FakeEndpoint } from '../support/fake-endpoints.ts';
import { type ContractOptions, defineContract } from './contract-tests.ts';

export interface ProviderEndpointsHarness extends AsyncDisposable {
  readonly endpoints: ProviderEndpoints;
  /** What the provider keeps. */
  readonly kept: FakeEndpoint[];
  refuse(fault: 'too_often_for_a_minute' | 'server_error' | 'dropped' | 'not_json' | 'no_list'): void;
  revokeCredential(): void;
}

export type OpenProviderEndpoints = () => Promise<ProviderEndpointsHarness>;

const URL_OF_OURS = 'https://hooks.shop.example/webhook/x';
const TO_CREATE = { url: URL_OF_OURS, eventTypes: ['a.created', 'a.updated'], requestId: 'request-1' };

export const describeProviderEndpoints = (
  name: string,
  open: OpenProviderEndpoints,
  options: ContractOptions = {},
): void => {
  describe(`ProviderEndpoints: ${name}`, () => {
    defineContract(options, (test) => {
      test('lists none where there is none', async () => {
        await using harness = await open();

        expect(await harness.endpoints.list()).toEqual({ outcome: 'endpoints', endpoints: [] });
      });

      test('lists what was created, which has its secret once', async () => {
        await using harness = await open();

        const created = await harness.endpoints.create(TO_CREATE);
        const listed = await harness.endpoints.list();

        const { requestId: _, ...endpoint } = TO_CREATE;
        expect(created).toMatchObject({ outcome: 'written', endpoint: { ...endpoint, isEnabled: true } });
        expect(created).toMatchObject({ secret: expect.stringMatching(/.+/) });
        expect(listed).toMatchObject({ outcome: 'endpoints', endpoints: [{ ...endpoint, isEnabled: true }] });
        expect(JSON.stringify(listed)).not.toContain('canary');
      });

      test('changes what is named, and nothing else', async () => {
        await using harness = await open();
        await harness.endpoints.create(TO_CREATE);
        const [{ id }] = harness.kept as [FakeEndpoint];

        await harness.endpoints.update(id, { eventTypes: ['a.created', 'b.created'] });
        expect(harness.kept).toMatchObject([{ url: URL_OF_OURS, eventTypes: ['a.created', 'b.created'] }]);

        const moved = await harness.endpoints.update(id, { url: `${URL_OF_OURS}/2` });
        expect(moved).toMatchObject({ outcome: 'written', endpoint: { id, url: `${URL_OF_OURS}/2` } });
        expect(harness.kept).toMatchObject([{ url: `${URL_OF_OURS}/2`, eventTypes: ['a.created', 'b.created'] }]);
      });

      test('lists one that is disabled, and enables it again', async () => {
        await using harness = await open();
        await harness.endpoints.create(TO_CREATE);
        const [kept] = harness.kept as [FakeEndpoint];
        kept.isEnabled = false;
        expect(harness.endpoints.canBeDisabled).toBe(true);
        expect(await harness.endpoints.list()).toMatchObject({ endpoints: [{ isEnabled: false }] });

        expect(await harness.endpoints.update(kept.id, { isEnabled: true })).toMatchObject({ outcome: 'written' });

        expect(await harness.endpoints.list()).toMatchObject({ endpoints: [{ isEnabled: true }] });
      });

      test('tells that it is refused: a type that there is not, an endpoint that there is not', async () => {
        await using harness = await open();

        const refused = { outcome: 'refused', reason: expect.stringMatching(/^[a-z0-9_]+$/) };
        expect(await harness.endpoints.create({ ...TO_CREATE, eventTypes: ['no.such.type'] })).toEqual(refused);
        expect(await harness.endpoints.update('none', { url: URL_OF_OURS })).toEqual(refused);
        expect(harness.kept).toEqual([]);
      });

      test('tells that it was asked too often, and for how long', async () => {
        await using harness = await open();
        harness.refuse('too_often_for_a_minute');

        expect(await harness.endpoints.list()).toEqual({ outcome: 'rate_limited', retryAfterMs: MINUTE_MS });
      });

      test('tells that the credential is refused', async () => {
        await using harness = await open();
        harness.revokeCredential();

        expect(await harness.endpoints.list()).toMatchObject({ outcome: 'credential_refused' });
        expect(await harness.endpoints.create(TO_CREATE)).toMatchObject({ outcome: 'credential_refused' });
      });

      for (const fault of ['server_error', 'dropped', 'not_json', 'no_list'] as const) {
        test(`is unavailable, and says nothing of what was sent, for an answer that is ${fault}`, async () => {
          await using harness = await open();
          const unavailable = { outcome: 'unavailable', reason: expect.stringMatching(/^[a-z0-9_]+$/) };

          harness.refuse(fault);
          expect(await harness.endpoints.list()).toEqual(unavailable);
          harness.refuse(fault);
          expect(await harness.endpoints.create(TO_CREATE)).toEqual(unavailable);
        });
      }
    });
  });
};
