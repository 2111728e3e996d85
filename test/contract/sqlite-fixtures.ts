/** Webhooks by number, put into a database through its operations. */

import type { SqliteExecutor } from '../../src/adapters/sqlite/sqlite-executor.ts';
import { NO_EFFECTS } from '../../src/core/effects.ts';
import type { StatusChange } from '../../src/core/ports/webhook-store.ts';
import { NOW } from '../support/clock.ts';
import { insertionOf } from '../support/insertion.ts';

export const processed: StatusChange = {
  status: 'processed',
  attempts: 1,
  lastError: null,
  nextAttemptAt: null,
  effects: NO_EFFECTS,
  changedAt: NOW,
  actor: { type: 'component', id: 'processor' },
  reason: null,
};

export const numbered = (number: number) => insertionOf({ webhookId: `stripe:evt_${number}` });

export const insert = (executor: SqliteExecutor, number: number) => executor.run('webhookInsert', numbered(number));
