/** What every adapter of `Alerts` does before it tells a person: the log has each alert, the person one a minute of a kind. */
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

/** Returns `isDue(kind)`: whether a person is to be told now, which is then remembered. */
export const createAlertThinning = (clock: Clock): ((kind: AlertKind) => boolean) => {
  const toldAt = new Map<AlertKind, EpochMs>();
  return (kind) => {
    const now = clock.now();
    const sinceLastMs = now - (toldAt.get(kind) ?? Number.NEGATIVE_INFINITY);
    // Negative after the machine's clock was set back: that must not silence the alerts until it has caught up.
    if (sinceLastMs >= 0 && sinceLastMs < INTERVAL_MS) return false;
    toldAt.set(kind, now);
    return true;
  };
};
