/** Alerts on one machine: always a log line, and a POST to a URL when one is configured. */

import { createAlertThinning, logAlert } from '../../core/alert-thinning.ts';
import { LIMITS } from '../../core/limits.ts';
import type { Alert, Alerts } from '../../core/ports/alerts.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Logger } from '../../core/ports/logger.ts';

export interface HttpAlertsDeps {
  readonly url: string | null;
  readonly logger: Logger;
  readonly clock: Clock;
  /** @default the global `fetch` */
  readonly fetch?: typeof fetch;
}

export const createHttpAlerts = (deps: HttpAlertsDeps): Alerts => {
  const { url, logger, clock, fetch: fetchUrl = fetch } = deps;
  const isDue = createAlertThinning(clock);

  const post = async (target: string, alert: Alert): Promise<void> => {
    try {
      const response = await fetchUrl(target, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(alert),
        redirect: 'error',
        signal: AbortSignal.timeout(LIMITS.alertPostMsMax),
      });
      await response.body?.cancel();
      if (!response.ok) logger.warn('alert.not_delivered', { kind: alert.kind, http_status: response.status });
    } catch (error) {
      logger.warn('alert.not_delivered', { kind: alert.kind, message: error instanceof Error ? error.name : 'failed' });
    }
  };

  return {
    raise(alert) {
      logAlert(logger, alert);
      if (url === null || !isDue(alert)) return;
      void post(url, alert);
    },
  };
};
