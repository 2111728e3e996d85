/** The local home with a provider that nothing in Payhook has heard of: over HTTP, with a secret made for development. */
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/adapters/system/system-clock.ts';
import { processContext } from '../../src/cli/command-context.ts';
import { createSign } from '../../src/cli/sign-delivery.ts';
import type { Provider } from '../../src/core/ports/provider.ts';
import type { ProviderMapping } from '../../src/payments/mapping.ts';
import { body, configurableCoyote, coyote, coyoteMapping } from '../providers/coyote-pay.ts';
import { createTestFolder, post, readStored, startLocalServer, waitUntil } from '../support/running-server.ts';

describe('a provider that nothing has heard of, in the local home', () => {
  test('is delivered by what `payhook send` signs with, stored once and processed; others are not known', async () => {
    using folder = createTestFolder();
    await using server = await startLocalServer({
      folder,
      env: { PAYHOOK_COYOTE_MERCHANT: 'M7' },
      providers: [configurableCoyote],
      mappings: [coyoteMapping as ProviderMapping],
    });
    const sign = await createSign({ ...processContext(), clock: systemClock }, server.settings, coyote as Provider);
    const signed = sign(body);

    expect((await post(server.url, coyote.name, signed)).json).toEqual({
      status: 'accepted',
      webhookId: 'coyote-pay:C-1',
    });
    expect((await post(server.url, coyote.name, signed)).json).toMatchObject({ status: 'duplicate' });
    expect((await post(server.url, coyote.name, { ...signed, body: Buffer.from('{}') })).status).toBe(401);
    expect((await post(server.url, 'stripe', signed)).status).toBe(404);
    await waitUntil('the webhook is processed', () => readStored(folder.data).webhooks[0]?.status !== 'received');
    expect(readStored(folder.data).webhooks).toMatchObject([{ id: 'coyote-pay:C-1', status: 'processed' }]);
  });
});
