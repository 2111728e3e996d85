/** A provider whose every answer a test chooses: for what receiving does with it, whatever the scheme. */

import type { Provider, ProviderEvent, Verified } from '../../src/core/ports/provider.ts';
import { secretIdOf } from '../../src/core/secret-id.ts';

export const verifiedBy = (overrides: Partial<Verified> = {}): Verified => ({
  outcome: 'verified',
  secretId: secretIdOf('acme', 'secret'),
  isSimulated: false,
  transmission: null,
  ...overrides,
});

export const providerEvent = (overrides: Partial<ProviderEvent> = {}): ProviderEvent => ({
  dedupeKey: 'evt_1',
  providerEventId: 'evt_1',
  eventType: 'payment.made',
  eventAt: 1_795_000_000_000,
  objectId: 'pay_1',
  parentIds: [],
  account: null,
  mode: 'test',
  isSimulated: false,
  ordering: null,
  payload: null,
  ...overrides,
});

/** Calls everything genuine, and one event, unless told otherwise. */
export const createScriptedProvider = (overrides: Partial<Provider> = {}): Provider => ({
  name: 'acme',
  title: 'Acme Pay',
  secretVariable: 'PAYHOOK_ACME_SECRETS',
  firstEventType: 'payment.made',
  storedHeaders: ['user-agent'],
  secretHeaders: ['acme-signature'],
  publishedAddresses: { addresses: [], source: 'nowhere', asOf: '2026-01' },
  retrySchedule: { waitsMs: [], endsAfterMs: null, source: 'nowhere', asOf: '2026-01' },
  checkSecret: () => null,
  generateSecret: () => 'secret',
  verify: () => verifiedBy(),
  parse: () => ({ outcome: 'parsed', events: [providerEvent()] }),
  sign: ({ body }) => ({ body, headers: {} }),
  ...overrides,
});
