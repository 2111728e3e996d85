/**
 * What every adapter of `Alerts` does before it tells a person: the log has each alert, the person one a minute of a kind, and of
 * a kind that is raised once each that says something else.
 */
import type { Alert, AlertKind } from './ports/alerts.ts';
import type { Clock } from './ports/clock.ts';
import type { Logger } from './ports/logger.ts';
import type { EpochMs } from './webhook.ts';

/** A thousand dead letters need one ringing telephone. */
const INTERVAL_MS = 60_000;

export const logAlert = (logger: Logger, { kind, summary, provider, webhookId }: Alert): void =>
  logger.warn('alert.raised', {
    kind,
    message: summary,
    ...(provider === null ? {} : { provider }),
    ...(webhookId === null ? {} : { webhook_id: webhookId }),
  });

/** Raised when something begins, or is found, and not again while it lasts: whoever is not told then never is. */
const RAISED_ONCE: ReadonlySet<AlertKind> = new Set<AlertKind>([
  'provider_silent',
  'webhooks_missed',
  'webhooks_differ',
  'reconciliation_behind',
  'credential_refused',
  'endpoint_deaf',
  'unknown_event_type',
]);

/** Told in a minute: few homes have as many lists that something could be wrong with. */
const TOLD_MAX = 50;

/** Returns `isDue(alert)`: whether a person is to be told now, which is then remembered. */
export const createAlertThinning = (clock: Clock): ((alert: Pick<Alert, 'kind' | 'summary'>) => boolean) => {
  const toldAt = new Map<string, EpochMs>();
  return ({ kind, summary }) => {
    const now = clock.now();
    for (const [key, at] of toldAt) {
      // In time to come after the machine's clock was set back: that must not silence the alerts until it has caught up.
      if (at > now || now - at >= INTERVAL_MS) toldAt.delete(key);
    }
    const key = RAISED_ONCE.has(kind) && toldAt.size < TOLD_MAX ? `${kind} ${summary}` : kind;
    if (toldAt.has(key)) return false;
    toldAt.set(key, now);
    return true;
  };
};
