/** Nothing is opened that is not on record first. */
import { describe, expect, test } from 'vitest';
import { createTestHome, stripeDelivery } from '../../test/support/test-home.ts';
import { readRecord } from '../audit/audit.ts';
import { PayhookError } from '../core/errors.ts';
import { readPayload } from './read-payload.ts';

const ALICE = { type: 'operator', id: 'alice' } as const;

const open = async () => {
  const home = createTestHome();
  await home.deliver(stripeDelivery(home.clock, 'evt_1'));
  const [webhook] = await home.store.find('stripe:evt_1');
  if (webhook === undefined) throw new Error('nothing was stored');
  return { ...home, operator: ALICE, webhook };
};

describe('opening a payload', () => {
  test('is in the trail, durably, before anything is decrypted', async () => {
    const { webhook, ...home } = await open();
    const seen: string[] = [];
    const auditLog: typeof home.auditLog = {
      ...home.auditLog,
      append: async (drafts) => {
        await home.auditLog.append(drafts);
        seen.push('on record');
      },
    };
    const seal: typeof home.seal = {
      ...home.seal,
      open: (...args) => {
        seen.push('opened');
        return home.seal.open(...args);
      },
    };

    const bytes = await readPayload({ ...home, auditLog, seal }, webhook, 'ticket 4711');

    expect(JSON.parse(bytes.toString('utf8'))).toMatchObject({ id: 'evt_1' });
    expect(seen).toEqual(['on record', 'opened']);
    const [newest] = await home.auditLog.latest(1);
    expect(newest === undefined ? null : readRecord(newest)).toMatchObject({
      event: 'PAYLOAD_READ',
      actor: ALICE,
      reason: 'ticket 4711',
      resource: { type: 'webhook', id: 'stripe:evt_1' },
    });
  });

  test('that does not open is in the trail as a failure, too', async () => {
    const { webhook, ...home } = await open();
    const damaged = { ...webhook, payload: { ...webhook.payload, bytes: new Uint8Array(64) } };

    await expect(readPayload(home, damaged, 'ticket 4711')).rejects.toBeInstanceOf(PayhookError);

    const told = (await home.auditLog.latest(2)).map(readRecord);
    expect(told).toMatchObject([
      { event: 'PAYLOAD_READ', outcome: 'failure', actor: ALICE },
      { event: 'PAYLOAD_READ', outcome: 'success' },
    ]);
  });

  test('does not happen when the trail cannot be written', async () => {
    const { webhook, ...home } = await open();
    const auditLog = {
      append: async () => {
        throw new PayhookError('audit_unavailable', 'the trail cannot be written');
      },
    };
    const seal = {
      open: () => {
        throw new Error('it was opened');
      },
    };

    await expect(readPayload({ ...home, auditLog, seal }, webhook, 'why')).rejects.toThrow('the trail cannot');
  });
});
