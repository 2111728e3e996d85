import { BatchGetItemCommand, QueryCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../../src/core/limits.ts';
import { describeWaitingWebhooks } from '../../contract/waiting-webhooks-contract.ts';
import { insertionOf } from '../../support/insertion.ts';
import { DYNAMODB_WAITING_WEBHOOKS } from './dynamodb-waiting-webhooks.ts';

const { name } = DYNAMODB_WAITING_WEBHOOKS;
const { open } = DYNAMODB_WAITING_WEBHOOKS.use();

describeWaitingWebhooks(name, open);

describe('a sweep on DynamoDB', () => {
  const spyOn = (home: Awaited<ReturnType<typeof open>>) => {
    const commands: string[] = [];
    home.client.middlewareStack.add(
      (next, context) => (args) => {
        commands.push(String(context.commandName));
        return next(args);
      },
      { step: 'initialize', name: 'spy' },
    );
    return () => {
      const counts: Record<string, number> = {};
      for (const command of commands.splice(0)) counts[command] = (counts[command] ?? 0) + 1;
      return counts;
    };
  };

  test('asks the indexes alone when nothing is new: a query of each partition, no item of a webhook, no scan', async () => {
    await using home = await open();
    for (let n = 0; n < 20; n += 1) {
      await home.store.insert(insertionOf({ webhookId: `stripe:evt_${n}` }, { status: 'ignored' }));
    }
    home.clock.advance(LIMITS.stuckMs);
    await home.sweep();
    home.clock.advance(60_000);
    const counts = spyOn(home);

    await home.sweep();

    const idle = counts();
    expect(idle).toEqual({ GetItemCommand: 1, QueryCommand: 24, UpdateItemCommand: 1 });
    expect(Object.keys(idle)).not.toContain(ScanCommand.name);
  });

  test('looks at a webhook that was received and has ended once in its life', async () => {
    await using home = await open();
    for (let n = 0; n < 20; n += 1) {
      await home.store.insert(insertionOf({ webhookId: `stripe:evt_${n}` }, { status: 'ignored' }));
    }
    home.clock.advance(LIMITS.stuckMs);
    const counts = spyOn(home);

    await home.sweep();
    const first = counts();
    await home.sweep();

    expect([first[BatchGetItemCommand.name], counts()[BatchGetItemCommand.name]]).toEqual([1, undefined]);
    expect(first[QueryCommand.name]).toBeLessThanOrEqual(24);
  });

  test('leaves nothing in the table that the change feed cannot explain', async () => {
    await using home = await open();
    await home.store.insert(insertionOf());
    await home.settle();
    home.clock.advance(LIMITS.stuckMs);

    await home.sweep();
    await home.settle();

    expect(home.unexplained).toEqual([]);
    expect((await home.auditLog.latest(1))[0]?.text).toContain('"queued_again"');
  });
});
