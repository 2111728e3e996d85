/** Audit entries as a table shows them. */
import type { auditJson } from '../operate/webhook-json.ts';
import { counted } from './counted.ts';

export const AUDIT_HEADER = ['#', 'TIME', 'EVENT', 'OUTCOME', 'ACTOR', 'RESOURCE', 'CHANGE'] as const;

/** One audit entry as a line for a person. */
export const auditLine = (entry: ReturnType<typeof auditJson>): string[] => {
  const { position, ts, event, actor, outcome, reason, change, resource, count } = entry;
  const what = change === null ? '' : `${change.from ?? 'new'} → ${change.to}`;
  return [
    String(position),
    ts,
    event,
    outcome,
    `${actor.type}:${actor.id}`,
    resource.id,
    [
      what,
      reason === null ? '' : `reason: ${reason}`,
      count > 1 ? (resource.type === 'job' ? counted(count, 'webhook') : `× ${count}`) : '',
    ]
      .filter((part) => part !== '')
      .join(' '),
  ];
};

const RESOURCE = AUDIT_HEADER.indexOf('RESOURCE');

/** Of entries that are all about the same, which stands above them. */
export const OF_ONE = {
  header: AUDIT_HEADER.toSpliced(RESOURCE, 1),
  line: (entry: ReturnType<typeof auditJson>): string[] => auditLine(entry).toSpliced(RESOURCE, 1),
};
