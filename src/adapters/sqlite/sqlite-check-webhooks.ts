/** Each stored webhook against what has to stand beside it: the end of its chain, the queue, its key, what it has done. */
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { type AuditProblem, type AuditProblemKind, problem } from '../../audit/problem.ts';
import { effectsFromText } from '../../core/effects.ts';
import { isWaiting } from '../../core/status.ts';
import type { EpochMs } from '../../core/webhook.ts';
import { subjectFromText } from '../../payments/subject.ts';
import { type CheckStep, chainOfRow } from './sqlite-check-step.ts';
import { statusOf } from './sqlite-webhook-rows.ts';

const PAGE_ROWS = 1000;

type Row = Record<string, SQLOutputValue>;
type Find = (kind: AuditProblemKind, message: string) => AuditProblem;

export const createCheckWebhooks = (db: DatabaseSync): CheckStep => {
  const page = db.prepare(`SELECT w.position, w.webhook_id AS webhookId, w.timestamp, w.provider, w.status, w.effects,
      w.expires_at AS expiresAt,
      w.payload_key_id AS keyId, w.audit_position AS auditPosition, w.audit_seq AS auditSeq, w.audit_hash AS auditHash,
      q.webhook_position IS NOT NULL AS isQueued, q.mac IS NULL AS isUntouched, k.key_id IS NOT NULL AS hasKey,
      e.chain_id AS chainId, e.hash, e.text
    FROM payment_webhooks w LEFT JOIN queue q ON q.webhook_position = w.position
      LEFT JOIN data_keys k ON k.key_id = w.payload_key_id LEFT JOIN audit_entries e ON e.position = w.audit_position
    WHERE w.position > ? ORDER BY w.position LIMIT ${PAGE_ROWS}`);
  // Whole numbers as such: one that somebody wrote beyond 2^53 must not end the check of all others.
  page.setReadBigInts(true);
  const checks = [checkChain, checkQueue, checkKey, createCheckEvents(db), createCheckSubjects(db)];
  const strayPayloads = db.prepare(`SELECT webhook_position AS position FROM webhook_payloads p
    WHERE NOT EXISTS (SELECT 1 FROM payment_webhooks w WHERE w.position = p.webhook_position) LIMIT ?`);
  const orphans = db.prepare(`SELECT webhook_position AS position FROM queue q
    WHERE NOT EXISTS (SELECT 1 FROM payment_webhooks w WHERE w.position = q.webhook_position) LIMIT ?`);

  return (after, limit, now) => {
    const rows = page.all(after);
    const problems = rows.flatMap((row) => {
      const chainId = chainOfRow(row);
      const find: Find = (kind, message) => problem(kind, message, { chainId });
      return checks.flatMap((check) => check(row, find, now));
    });
    if (rows.length > 0) return { problems, last: Number(rows.at(-1)?.position) };
    const lost = orphans.all(limit).map(({ position }) => {
      return problem('state_added', `the queue entry at place ${position} belongs to no webhook`);
    });
    const stray = strayPayloads.all(limit).map(({ position }) => {
      return problem('state_added', `the payload at place ${position} belongs to no webhook`);
    });
    return { problems: [...lost, ...stray], last: undefined };
  };
};

/** An entry that a webhook of its chain does not know was looked for in the trail before. Here: the other way. */
const checkChain = (row: Row, find: Find): readonly AuditProblem[] => {
  const seq = /^\{"v":\d+,"chain":"(?:[^"\\]|\\.)*","seq":(\d+),/.exec(String(row.text))?.[1];
  const isEnd = row.chainId === chainOfRow(row) && row.hash === row.auditHash && seq === String(row.auditSeq);
  if (isEnd) return [];
  const found =
    row.chainId === null
      ? 'which is not there'
      : row.chainId === chainOfRow(row)
        ? 'which has another hash or number'
        : `which belongs to chain ${row.chainId}`;
  const message = `webhook ${row.webhookId} names entry ${row.auditPosition} as the end of its chain, ${found}: no entry of the trail vouches for it`;
  return [find('webhook_added', message)];
};

/** What waits is on the queue. What has ended is not, unless a claim that was overtaken is still to be given back. */
const checkQueue = (row: Row, find: Find): readonly AuditProblem[] => {
  let waits: boolean;
  try {
    waits = isWaiting(statusOf(row));
  } catch {
    return [find('webhook_edited', `webhook ${row.webhookId} has a status that there is not: ${row.status}`)];
  }
  if (waits && row.isQueued === 0n) {
    return [
      find('state_removed', `webhook ${row.webhookId} is ${row.status} and not on the queue: nobody will process it`),
    ];
  }
  return !waits && row.isQueued === 1n && row.isUntouched === 1n
    ? [
        find(
          'state_added',
          `webhook ${row.webhookId} is ${row.status} and was put on the queue by something else than Payhook`,
        ),
      ]
    : [];
};

const checkKey = (row: Row, find: Find): readonly AuditProblem[] =>
  row.hasKey === 1n
    ? []
    : [
        find(
          'state_removed',
          `data key ${row.keyId} is missing: the payload of webhook ${row.webhookId} cannot be read without it`,
        ),
      ];

/** The payment events that the webhook says it has become, and the entries that its destinations were given. */
const createCheckEvents = (db: DatabaseSync) => {
  const event = db.prepare(`SELECT 1 FROM payment_names n JOIN payments p ON p.position = n.payment_position
    JOIN payment_events e ON e.payment_position = p.position AND e.event_id = ?3
    WHERE n.name_id = ?1 AND n.provider = ?2`);

  const entry = db.prepare(`SELECT 1 FROM destination_entries
    WHERE webhook_position = ? AND event_number = ? AND destination = ?`);

  return (row: Row, find: Find): readonly AuditProblem[] => {
    const webhookId = String(row.webhookId);
    return eventsOf(row).flatMap(({ paymentId, destinations = [] }, index) => {
      const eventId = index === 0 ? webhookId : `${webhookId}#${index + 1}`;
      const isThere = paymentId === null || event.get(paymentId, String(row.provider), eventId) !== undefined;
      const lost = destinations.filter((name) => entry.get(Number(row.position), index + 1, name) === undefined);
      const lostEvent = `payment event ${eventId} of payment ${paymentId} is missing: the event, its payment or its name was removed`;
      return [
        ...(isThere ? [] : [find('state_removed', lostEvent)]),
        ...lost.map((name) =>
          find('state_removed', `the entry of event ${eventId} for destination ${name} was removed from its queue`),
        ),
      ];
    });
  };
};

/** What is known of an invoice or the like never is less than a webhook says that it was. */
const createCheckSubjects = (db: DatabaseSync) => {
  const records = db.prepare('SELECT record FROM payment_subjects WHERE kind = ? AND subject_id = ? AND provider = ?');

  const revisionOf = (kind: string, id: string, provider: string): number | undefined => {
    const revisions = records.all(kind, id, provider).map(({ record }) => subjectFromText(String(record)).revision);
    return revisions.length === 0 ? undefined : Math.max(...revisions);
  };

  return (row: Row, find: Find, now: EpochMs): readonly AuditProblem[] =>
    eventsOf(row).flatMap(({ subject }): readonly AuditProblem[] => {
      if (subject === undefined) return [];
      const provider = String(row.provider);
      const what = `what is known of ${subject.kind} ${subject.id} of ${provider}`;
      let revision: number | undefined;
      try {
        revision = revisionOf(subject.kind, subject.id, provider);
      } catch {
        return [find('state_edited', `${what} cannot be read`)];
      }
      // It goes when its time ends, though a webhook that named it may have to stay.
      if (revision === undefined)
        return Number(row.expiresAt) <= now ? [] : [find('state_removed', `${what} was removed`)];
      const setBack = `${what} was set back: it is at revision ${revision}, and webhook ${row.webhookId} made revision ${subject.revision} of it`;
      return revision < subject.revision ? [find('state_edited', setBack)] : [];
    });
};

const eventsOf = (row: Row) => {
  try {
    return effectsFromText(row.effects === null ? null : String(row.effects)).events;
  } catch {
    // What cannot be read was reported with its webhook.
    return [];
  }
};
