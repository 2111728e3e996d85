/** Webhooks that wait, where finding them does not mean to look at all others. Only where queue and store are two systems. */
import type { EpochMs, WebhookKey } from '../webhook.ts';

export interface WaitingWebhooks {
  /**
   * Pages of webhooks that waited when they were looked at, and came before `until`. A walk that is ended early, or
   * by an error of whoever goes through it, is gone on with by the next one, from the page on that was not finished: walks that
   * begin again and again come to every webhook that waits. Throws store codes.
   */
  walk(until: EpochMs): AsyncIterable<readonly WebhookKey[]>;
}
