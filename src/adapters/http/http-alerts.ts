/** Alerts on one machine: always a log line, and a POST to a URL when one is configured. */
import type { Alert, Alerts } from '../../core/ports/alerts.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Logger } from '../../core/ports/logger.ts';
import type { EpochMs } from '../../core/webhook.ts';

export interface HttpAlertsDeps {
  readonly url: string | null;
  readonly logger: Logger;
  readonly clock: Clock;
  /** @default the global `fetch` */
  readonly fetch?: typeof fetch;
}

/** One POST per kind and this long; the log has every alert. A thousand dead letters need one ringing telephone. */
const POST_INTERVAL_MS = 60_000;
const POST_TIMEOUT_MS = 5_000;

export const createHttpAlerts = (deps: HttpAlertsDeps): Alerts => {
  const { url, logger, clock, fetch: fetchUrl = fetch } = deps;
  const postedAt = new Map<Alert['kind'], EpochMs>();

  const post = async (target: string, alert: Alert): Promise<void> => {
    try {
      const response = await fetchUrl(target, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(alert),
        redirect: 'error',
        signal: AbortSignal.timeout(POST_TIMEOUT_MS),
      });
      await response.body?.cancel();
      if (!response.ok) logger.warn('alert.not_delivered', { kind: alert.kind, http_status: response.status });
    } catch (error) {
      logger.warn('alert.not_delivered', { kind: alert.kind, message: error instanceof Error ? error.name : 'failed' });
    }
  };

  return {
    raise(alert) {
      logger.warn('alert.raised', {
        kind: alert.kind,
        message: alert.summary,
        ...(alert.provider === null ? {} : { provider: alert.provider }),
        ...(alert.webhookId === null ? {} : { webhook_id: alert.webhookId }),
      });
      const now = clock.now();
      const sinceLastMs = now - (postedAt.get(alert.kind) ?? Number.NEGATIVE_INFINITY);
      // Negative after the machine's clock was set back: that must not silence the alerts until it has caught up.
      const isTooSoon = sinceLastMs >= 0 && sinceLastMs < POST_INTERVAL_MS;
      if (url === null || isTooSoon) return;
      postedAt.set(alert.kind, now);
      void post(url, alert);
    },
  };
};
