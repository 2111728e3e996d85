/**
 * Tells of a run: a log line for it and, as it goes, for each webhook that it recovered; counts, and a person where one is needed. What stays
 * as it was from round to round is told once: a credential that goes on being refused, a list that goes on being behind.
 */
import { LIMITS } from '../core/limits.ts';
import type { AlertKind, Alerts } from '../core/ports/alerts.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { ReconcileMetrics } from '../core/ports/metrics.ts';
import { HOUR_MS, SECOND_MS } from '../core/time.ts';
import type { EpochMs } from '../core/webhook.ts';
import type { EventOutcome, EventRun } from './reconcile-event.ts';
import type { RunReport } from './reconcile-source.ts';
import { eventText, moneyOf, type Tally } from './tally.ts';

export interface ReportRunDeps {
  readonly logger: Logger;
  readonly alerts: Alerts;
  readonly metrics: ReconcileMetrics;
}

export const reportRun = ({ logger, alerts, metrics }: ReportRunDeps, report: RunReport, now: EpochMs): void => {
  const { provider, source, tally, end, checkedUntil, clockAheadMs, before } = report;
  const reason = 'reason' in end ? { reason: end.reason } : {};
  logger.info('reconcile.run', { provider, message: source, outcome: end.outcome, count: tally.listed, ...reason });
  if (clockAheadMs > 0) {
    const message = `our clock is ${Math.round(clockAheadMs / SECOND_MS)} s ahead of the provider's: put it right`;
    logger.warn('reconcile.clock_ahead', { provider, message });
  }
  metrics.reconciled(provider, source, {
    recovered: tally.recovered,
    differing: tally.differing,
    behindSeconds: checkedUntil === null ? 0 : Math.max(0, now - checkedUntil) / 1000,
  });
  const raise = (kind: AlertKind, summary: string): void =>
    alerts.raise({ kind, provider, webhookId: tally.webhooks[0]?.webhookId ?? null, summary });
  if (tally.missing > 0) raise('webhooks_missed', missedText(report.tally));
  if (tally.differing > 0) raise('webhooks_differ', differingText(report.tally));
  if (end.outcome === 'credential_refused' && before?.outcome !== 'credential_refused') {
    raise('credential_refused', refusedText(source, end.reason));
  }
  if (isBehind(checkedUntil, now) && !(before !== null && isBehind(checkedUntil, before.at))) {
    raise('reconciliation_behind', behindText(report, now - (checkedUntil ?? now)));
  }
};

/** A line for each webhook that was recovered, or is listed differently, however many there are. */
export const reportOutcome = (logger: Logger, { source, isDryRun }: EventRun, outcome: EventOutcome): void => {
  if (isDryRun) return;
  const { provider } = source;
  if (outcome.outcome === 'recovered') {
    const { webhookId, eventType, events } = outcome.webhook;
    const message = events.map(eventText).join(', ');
    logger.warn('webhook.recovered', { webhook_id: webhookId, provider, event_type: eventType, message });
  }
  if (outcome.outcome === 'differs') {
    const { webhookId, eventType, delivered, listed } = outcome.finding;
    const message = `delivered: ${delivered}; listed: ${listed}`;
    logger.warn('webhook.listed_differently', { webhook_id: webhookId, provider, event_type: eventType, message });
  }
};

const isBehind = (checkedUntil: EpochMs | null, at: EpochMs): boolean =>
  checkedUntil !== null && at - checkedUntil > LIMITS.reconcileBehindMs;

const missedText = (tally: Tally): string => {
  const money = moneyOf(tally);
  const about = money.length === 0 ? '' : `: ${money.join(', ')}`;
  return `no delivery had brought ${tally.missing} webhooks; ${tally.recovered} were recovered from the provider's list${about}`;
};

const differingText = ({ differing, findings: [first] }: Tally): string =>
  `${differing} stored webhooks say something else than the provider lists, such as ${first?.webhookId}: nothing was changed`;

const refusedText = (source: string, reason: string): string =>
  `the provider refuses the credential for ${source} (${reason}): it is wrong, expired, or may not read events`;

const behindText = ({ source, end }: RunReport, ms: number): string =>
  `${source} was last reconciled up to ${Math.floor(ms / HOUR_MS)} hours ago: the last run ended as ${end.outcome}`;
