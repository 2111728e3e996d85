/** `payhook legal-holds`: webhooks and payments that stay beyond their time. */
import type { LegalHold } from '../adapters/sqlite/sqlite-legal-hold-operations.ts';
import { type AuditDraft, OPERATORS_CHAIN } from '../audit/audit.ts';
import { PayhookError } from '../core/errors.ts';
import { LIMITS } from '../core/limits.ts';
import type { Actor, EpochMs } from '../core/webhook.ts';
import { type LocalDirectory, openLocalDirectory } from '../homes/open-home.ts';
import { timeText } from '../operate/webhook-json.ts';
import { actAs } from './act-as.ts';
import { type CommandContext, loadSettings, refuseAws } from './command-context.ts';
import { type PrintOptions, printList, type Shown } from './print-list.ts';
import type { ExitCode } from './report-failure.ts';

const withHolds = async (
  context: CommandContext,
  work: (local: LocalDirectory) => Promise<ExitCode>,
): Promise<ExitCode> => {
  refuseAws(
    context,
    'on AWS nothing is held: time to live removes a webhook on its day; export what must stay, see docs/operate.md#legal-holds',
  );
  return openLocalDirectory({ settings: await loadSettings(context), clock: context.clock }, work);
};

export interface LegalHoldOptions {
  readonly reason: string;
  readonly json?: boolean;
}

/** Holds the webhook with this id, or the payment with this name and all its webhooks. Audited. Exit 1 when there is neither. */
export const addLegalHold = (context: CommandContext, id: string, options: LegalHoldOptions): Promise<ExitCode> =>
  withHolds(context, async ({ home, operators }) => {
    const { executor, clock } = home;
    const operator = await actAs(context, operators, 'look_after');
    const isWebhook = (await home.store.find(id)).length > 0;
    if (!isWebhook && (await home.payments.find(id)).length === 0) {
      throw new PayhookError('not_found', `there is no webhook and no payment ${id}: payhook find ${id} looks further`);
    }
    const kind = isWebhook ? 'webhook' : 'payment';
    const hold: LegalHold = { kind, id, reason: options.reason, heldAt: clock.now(), heldBy: operator.id };
    const draft = draftOf('LEGAL_HOLD_ADDED', `${kind} ${id}`, options.reason, operator, hold.heldAt);
    const added = await executor.run('legalHoldAdd', { hold, draft });
    if (added === 'full') {
      throw new PayhookError(
        'usage_wrong',
        `there are ${LIMITS.legalHoldsMax} legal holds already: remove one that is not needed any more`,
      );
    }
    if (options.json === true)
      context.print(JSON.stringify({ ...hold, heldAt: timeText(hold.heldAt), outcome: added }));
    else
      context.print(
        added === 'there' ? `${kind} ${id} is held already` : `${kind} ${id} stays until the hold is removed`,
      );
    return 0;
  });

/** Audited. Exit 1 when there is no such hold. */
export const removeLegalHold = (context: CommandContext, id: string, options: LegalHoldOptions): Promise<ExitCode> =>
  withHolds(context, async ({ home: { executor, clock }, operators }) => {
    const operator = await actAs(context, operators, 'look_after');
    const draft = draftOf('LEGAL_HOLD_REMOVED', id, options.reason, operator, clock.now());
    if (!(await executor.run('legalHoldRemove', { id, draft }))) {
      throw new PayhookError('not_found', `${id} is not held: payhook legal-holds list shows what is`);
    }
    if (options.json === true) context.print(JSON.stringify({ id, outcome: 'removed' }));
    else context.print(`${id} is not held any more: it is removed when its time has ended`);
    return 0;
  });

export const listLegalHolds = (context: CommandContext, options: PrintOptions): Promise<ExitCode> =>
  withHolds(context, async ({ home: { executor } }) => {
    printList(context, await executor.run('legalHoldList', undefined), SHOWN, options, 'nothing is held');
    return 0;
  });

const SHOWN: Shown<LegalHold> = {
  header: ['SINCE', 'BY', 'WHAT', 'ID', 'REASON'],
  row: ({ heldAt, heldBy, kind, id, reason }) => [timeText(heldAt), heldBy, kind, id, reason],
  json: (hold) => ({ ...hold, heldAt: timeText(hold.heldAt) }),
};

const draftOf = (
  event: 'LEGAL_HOLD_ADDED' | 'LEGAL_HOLD_REMOVED',
  id: string,
  reason: string,
  actor: Actor,
  at: EpochMs,
): AuditDraft => ({
  chainId: OPERATORS_CHAIN,
  at,
  actor,
  event,
  outcome: 'success',
  reason,
  origin: { sourceAddress: null, requestId: null, traceId: null },
  resource: { type: 'home', id },
  change: null,
  count: 1,
});
