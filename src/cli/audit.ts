/** `payhook audit`: read the trail, and find out whether it is whole. */

import { webhookChain } from '../audit/audit.ts';
import { createCheckAudit } from '../audit/check.ts';
import { LIMITS } from '../core/limits.ts';
import { type CommandContext, withHome } from './command-context.ts';
import type { ExitCode } from './report-failure.ts';
import { tableLines } from './table.ts';
import { AUDIT_HEADER, auditJson, auditLine } from './webhook-json.ts';
import { findWebhook } from './webhooks.ts';

export interface AuditShowOptions {
  readonly limit: number;
  readonly json?: boolean;
}

/** The entries of one webhook, oldest first; without an id the newest entries of all. */
export const showAudit = (
  context: CommandContext,
  webhookId: string | undefined,
  options: AuditShowOptions,
): Promise<ExitCode> =>
  withHome<ExitCode>(context, async (home) => {
    const entries =
      webhookId === undefined
        ? await home.auditLog.latest(options.limit)
        : await findWebhook(home, webhookId).then((webhook) =>
            home.auditLog.chain(webhookChain(webhook.webhookId, webhook.timestamp), LIMITS.listLimitMax),
          );
    if (options.json === true) for (const entry of entries) context.print(JSON.stringify(auditJson(entry)));
    else for (const line of tableLines([...AUDIT_HEADER], entries.map(auditLine))) context.print(line);
    return 0;
  });

/** Exit 0 when the trail is whole, 1 when something was edited, removed, reordered or cut off. */
export const verifyAudit = (context: CommandContext, options: { readonly json?: boolean }): Promise<ExitCode> =>
  withHome<ExitCode>(context, async (home) => {
    const check = await createCheckAudit(home)();
    if (options.json === true) context.print(JSON.stringify(check));
    else if (check.outcome === 'whole') {
      context.print(
        `the audit trail is whole: ${check.entries} entries, ${check.digests} signed ${check.digests === 1 ? 'digest' : 'digests'}`,
      );
      if (check.undigested > 0)
        context.print(`${check.undigested} entries since the last digest are linked and not signed yet`);
    } else {
      context.print(`the audit trail is BROKEN: ${check.problem.message}`);
      context.print(
        `checked ${check.entries} entries and ${check.digests} digests up to there; nothing after it can be trusted`,
      );
    }
    return check.outcome === 'whole' ? 0 : 1;
  });
