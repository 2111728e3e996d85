/** `payhook audit`: read the trail, and find out whether it is whole. */

import { type AuditEntry, webhookChain } from '../audit/audit.ts';
import {
  type AuditCheck,
  type AuditProgress,
  type CheckAuditDeps,
  type CheckAuditOptions,
  createCheckAudit,
} from '../audit/check.ts';
import type { AnchoredDigest } from '../audit/digest-anchor.ts';
import { trailLength } from '../audit/trail-length.ts';
import { advisedProblems } from '../audit/what-to-do.ts';
import { PayhookError } from '../core/errors.ts';
import { LIMITS } from '../core/limits.ts';
import { auditCheckJson } from '../operate/audit-check-json.ts';
import { type AuditQuery, createListAuditEntries } from '../operate/list-audit-entries.ts';
import { auditJson } from '../operate/webhook-json.ts';
import { AUDIT_HEADER, auditLine } from './audit-lines.ts';
import { type CommandContext, withHome } from './command-context.ts';
import { counted } from './counted.ts';
import { type PrintOptions, printList, printPage, type Shown } from './print-list.ts';
import { createProgressBar } from './progress-bar.ts';
import type { ExitCode } from './report-failure.ts';
import { findWebhook } from './webhooks.ts';

export interface AuditShowOptions extends AuditQuery, PrintOptions {}

const SHOWN: Shown<AuditEntry> = {
  header: AUDIT_HEADER,
  row: (entry) => auditLine(auditJson(entry)),
  json: auditJson,
};

/** The entries of one webhook, oldest first; without an id those of all, newest first. */
export const showAudit = (
  context: CommandContext,
  webhookId: string | undefined,
  options: AuditShowOptions,
): Promise<ExitCode> =>
  withHome<ExitCode>(context, async (home) => {
    const { format: _, json: __, ...query } = options;
    if (webhookId === undefined) {
      printPage(context, await createListAuditEntries(home)(query), SHOWN, options);
      return 0;
    }
    const { limit: ___, ...filters } = query;
    if (Object.values(filters).some((asked) => asked !== undefined)) {
      throw new PayhookError(
        'usage_wrong',
        `a webhook has few entries, which are shown all: leave out filters and --after, or the id; --object webhook:${webhookId} also finds what operators did about it`,
      );
    }
    const { timestamp, webhookId: id } = await findWebhook(home, webhookId);
    printList(context, await home.auditLog.chain(webhookChain(id, timestamp), LIMITS.listLimitMax), SHOWN, options);
    return 0;
  });

export interface AuditVerifyOptions {
  readonly json?: boolean;
  /** A digest that was written down elsewhere. */
  readonly digest?: AnchoredDigest;
  readonly deep?: boolean;
}

/** Exit 0 when the trail is whole and vouches for what is stored, 1 when anything was edited, removed, added or cut off. */
export const verifyAudit = (context: CommandContext, options: AuditVerifyOptions): Promise<ExitCode> =>
  withHome<ExitCode>(context, async (home) => {
    const check = await checkShowingProgress(home, context.isTerminal && options.json !== true, {
      ...(options.digest === undefined ? {} : { digest: options.digest }),
      ...(options.deep === true ? { open: (webhook) => home.seal.open(webhook.payload, webhook) } : {}),
    });
    if (options.json === true) context.print(JSON.stringify(auditCheckJson(check)));
    else for (const line of checkLines(check)) context.print(line);
    return check.outcome === 'whole' ? 0 : 1;
  });

/** A trail of a million webhooks takes minutes: on a terminal there is a bar meanwhile. */
export const checkShowingProgress = async (
  home: CheckAuditDeps,
  isShown: boolean,
  options: CheckAuditOptions = {},
): Promise<AuditCheck> => {
  const bar = createProgressBar<AuditProgress>(isShown, '{entries} entries, {digests} signed digests');
  const length = isShown ? await trailLength(home.auditLog) : 0;
  const onProgress = (progress: AuditProgress): void =>
    bar.show('audit trail', progress.entries / Math.max(1, length), progress);
  return createCheckAudit(home)({ ...options, onProgress }).finally(bar.stop);
};

/** A digest as `--digest` takes it: number and hash out of the log line `audit.digest_closed`. */
export const readDigest = (text: string): AnchoredDigest => {
  const [, number, hash] = /^([1-9]\d{0,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (number === undefined || hash === undefined) {
    throw new PayhookError('usage_wrong', `${text} is not a digest: give <number>:<hash>, the hash with 64 characters`);
  }
  return { number: Number(number), hash };
};

const checkLines = (check: AuditCheck): readonly string[] => {
  const { entries, digests, begins, undigested, webhooks, webhooksOfBefore } = check;
  const trail = `${counted(entries, 'entry', 'entries')}, ${counted(digests, 'signed digest', 'signed digests')}`;
  if (check.outcome === 'broken') {
    const { problems } = check;
    const more = problems.length === LIMITS.auditProblemsMax ? ', and there may be more' : '';
    return [
      `the audit trail is BROKEN: ${check.problem.message}`,
      ...problems.slice(1).map(({ message }) => `and: ${message}`),
      `checked ${counted(entries, 'entry', 'entries')} and ${counted(digests, 'digest')} up to there; nothing after it can be trusted (${counted(problems.length, 'problem', 'problems')}${more})`,
      ...new Set(advisedProblems(check).map(({ toDo }) => `what to do: ${toDo}`)),
    ];
  }
  return [
    `the audit trail is whole: ${trail}`,
    ...(begins === null
      ? []
      : [`it begins after digest ${begins.afterDigest}: what was before had its time, and was removed`]),
    `${counted(webhooks, 'stored webhook is', 'stored webhooks are')} as the trail says`,
    ...(webhooksOfBefore > 0
      ? [
          `${counted(webhooksOfBefore, 'webhook', 'webhooks')} came before version 0.2: nothing vouches for what was received`,
        ]
      : []),
    ...(undigested > 0
      ? [`${counted(undigested, 'entry', 'entries')} since the last digest, linked and not signed yet`]
      : []),
    ...(check.lastDigest === null
      ? []
      : [`last digest, to be kept elsewhere: ${check.lastDigest.number}:${check.lastDigest.hash}`]),
  ];
};
