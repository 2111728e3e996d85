/** Alerts on AWS: always a log line and a count, and a message to the topic of critical alerts. */
import { createAlertThinning, logAlert } from '../../../core/alert-thinning.ts';
import type { Alert, AlertKind, Alerts } from '../../../core/ports/alerts.ts';
import type { Clock } from '../../../core/ports/clock.ts';
import type { Logger } from '../../../core/ports/logger.ts';
import type { SnsCalls } from '../service-calls.ts';

export interface SnsAlertsDeps {
  readonly client: SnsCalls;
  readonly topicArn: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: { alertRaised(kind: AlertKind): void };
}

export interface SnsAlerts extends Alerts {
  /**
   * Resolves when every message that was raised has left or failed, `PUBLISH_MS_MAX` at the latest. Awaited before a
   * function returns: what is under way then is frozen with it. Never throws.
   */
  drain(): Promise<void>;
}

const PUBLISH_MS_MAX = 3_000;
/** What SNS takes as the subject of a mail. */
const SUBJECT_CHARS_MAX = 100;

const subjectOf = ({ kind, provider }: Alert): string =>
  `Payhook: ${kind.replaceAll('_', ' ')}${provider === null ? '' : ` (${provider})`}`.slice(0, SUBJECT_CHARS_MAX);

export const createSnsAlerts = (deps: SnsAlertsDeps): SnsAlerts => {
  const { client, topicArn, clock, logger, metrics } = deps;
  const isDue = createAlertThinning(clock);
  const underway = new Set<Promise<void>>();

  const publish = async (alert: Alert): Promise<void> => {
    const { kind, provider, webhookId, summary } = alert;
    try {
      await client.publish(
        {
          TopicArn: topicArn,
          Subject: subjectOf(alert),
          Message: JSON.stringify({ kind, provider, webhookId, summary }),
        },
        { abortSignal: AbortSignal.timeout(PUBLISH_MS_MAX) },
      );
    } catch (error) {
      logger.warn('alert.not_delivered', { kind, message: error instanceof Error ? error.name : 'failed' });
    }
  };

  return {
    raise(alert) {
      logAlert(logger, alert);
      metrics.alertRaised(alert.kind);
      if (!isDue(alert)) return;
      const publishing = publish(alert).finally(() => underway.delete(publishing));
      underway.add(publishing);
    },
    async drain() {
      await Promise.all(underway);
    },
  };
};
