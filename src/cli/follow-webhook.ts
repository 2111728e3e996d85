/** Watches one webhook in the local home until it has ended, and shows its audit trail. */
import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { webhookChain } from '../audit/audit.ts';
import type { Settings } from '../config/load-config.ts';
import { hasFailedInRound } from '../core/effects.ts';
import { LIMITS } from '../core/limits.ts';
import { hasEnded } from '../core/status.ts';
import type { Webhook } from '../core/webhook.ts';
import { hasDatabase, openDataDirectory } from '../homes/local/data-directory.ts';
import type { OperatorHome } from '../homes/operator-home.ts';
import { auditJson, webhookJson } from '../operate/webhook-json.ts';
import { auditLine } from './audit-lines.ts';
import { type CommandContext, withHome } from './command-context.ts';
import { COMMAND } from './command-name.ts';

const LOOK_EVERY_MS = 25;
const LOOKS_MAX = 200;

/** Says nothing when this machine's data directory does not have the webhook: it was sent to another server. */
export const followWebhook = async (
  context: CommandContext,
  settings: Settings,
  webhookId: string,
  isJson: boolean,
): Promise<void> => {
  const { dataDirectory } = settings;
  // A folder that only sends has development secrets and no database.
  if (!existsSync(dataDirectory) || !hasDatabase(openDataDirectory(dataDirectory))) return;
  await withHome(context, async (home) => {
    const webhook = await waitForEnd(home, webhookId);
    if (webhook === undefined) return;
    const entries = await home.auditLog.chain(webhookChain(webhook.webhookId, webhook.timestamp), LIMITS.listLimitMax);
    if (isJson) {
      context.print(JSON.stringify({ ...webhookJson(webhook), audit: entries.map(auditJson) }));
      return;
    }
    const attempts = `${webhook.attempts} ${webhook.attempts === 1 ? 'attempt' : 'attempts'}`;
    context.print(
      `${webhook.status.padEnd(10)} after ${attempts}${webhook.lastError === null ? '' : `: ${webhook.lastError}`}`,
    );
    for (const entry of entries) {
      const [position, , event, , actor, , change] = auditLine(auditJson(entry));
      context.print(`audited    #${position} ${event} by ${actor}: ${change}`);
    }
    context.print('');
    context.print(`  More: ${COMMAND} webhooks show ${webhookId}`);
  });
};

/** One that runs alone counts as an attempt before it has ended. */
const hasAttemptEnded = (webhook: Webhook): boolean =>
  hasFailedInRound(webhook) || webhook.effects.round.restedAttempts > 0;

const waitForEnd = async (home: OperatorHome, webhookId: string): Promise<Webhook | undefined> => {
  let webhook: Webhook | undefined;
  for (let look = 0; look < LOOKS_MAX; look += 1) {
    [webhook] = await home.store.find(webhookId);
    if (webhook === undefined || hasEnded(webhook.status) || hasAttemptEnded(webhook)) return webhook;
    await pause(LOOK_EVERY_MS);
  }
  return webhook;
};
