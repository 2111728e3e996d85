/** Records of the table's stream as what the trail is to say of them: for the audit logger, and for what it left undone. */
import { type ReadChange, readChange, type StreamRecord } from '../../adapters/aws/audit/change-feed.ts';
import type { LinkedEntry } from '../../audit/audit.ts';
import type { ArrivedWebhook } from '../../core/webhook.ts';

export type UnexplainedChange = Extract<ReadChange, { outcome: 'unexplained' }>;

export interface ReadChanges {
  readonly entries: readonly LinkedEntry[];
  /** Webhooks that were stored. */
  readonly arrived: readonly ArrivedWebhook[];
  readonly unexplained: readonly UnexplainedChange[];
  /** The first record that cannot be read; nothing after it was looked at. `index` counts from 0. */
  readonly unreadable: { readonly index: number; readonly reason: string } | undefined;
}

export const readChanges = (records: readonly StreamRecord[]): ReadChanges => {
  const entries: LinkedEntry[] = [];
  const arrived: ArrivedWebhook[] = [];
  const unexplained: UnexplainedChange[] = [];
  for (const [index, record] of records.entries()) {
    const change = readChange(record);
    if (change.outcome === 'entries') {
      entries.push(...change.entries);
      if (change.arrived !== undefined) arrived.push(change.arrived);
    }
    if (change.outcome === 'unexplained') unexplained.push(change);
    if (change.outcome === 'unreadable') {
      return { entries, arrived, unexplained, unreadable: { index, reason: change.reason } };
    }
  }
  return { entries, arrived, unexplained, unreadable: undefined };
};

/** What a person is told of one, without anything that the change holds. */
export const summaryOfUnexplained = ({ draft }: UnexplainedChange): string =>
  `a stored webhook was changed by something else than Payhook (${draft.reason}): see CloudTrail for who it was`;
