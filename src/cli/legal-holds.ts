/** `payhook legal-holds`: webhooks and payments that stay beyond their time. */
import { PayhookError } from '../core/errors.ts';
import { LIMITS } from '../core/limits.ts';
import type { LegalHold } from '../core/ports/legal-holds.ts';
import { timeText } from '../operate/webhook-json.ts';
import { withOperator } from './act-as.ts';
import { type CommandContext, withHome } from './command-context.ts';
import { type PrintOptions, printList, type Shown } from './print-list.ts';
import type { ExitCode } from './report-failure.ts';

export interface LegalHoldOptions {
  readonly reason: string;
  readonly json?: boolean;
}

/** Holds the webhook with this id, or the payment with this name and all its webhooks. Audited. Exit 1 when there is neither. */
export const addLegalHold = (context: CommandContext, id: string, options: LegalHoldOptions): Promise<ExitCode> =>
  withOperator<ExitCode>(context, 'look_after', async ({ legalHolds, store, payments, operator, clock }) => {
    const isWebhook = (await store.find(id)).length > 0;
    if (!isWebhook && (await payments.find(id)).length === 0) {
      throw new PayhookError('not_found', `there is no webhook and no payment ${id}: payhook find ${id} looks further`);
    }
    const kind = isWebhook ? 'webhook' : 'payment';
    const hold: LegalHold = { kind, id, reason: options.reason, heldAt: clock.now(), heldBy: operator.id };
    const added = await legalHolds.add(hold);
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
  withOperator<ExitCode>(context, 'look_after', async ({ legalHolds, operator, clock }) => {
    const { reason } = options;
    if (!(await legalHolds.remove({ id, reason, removedAt: clock.now(), removedBy: operator.id }))) {
      throw new PayhookError('not_found', `${id} is not held: payhook legal-holds list shows what is`);
    }
    if (options.json === true) context.print(JSON.stringify({ id, outcome: 'removed' }));
    else context.print(`${id} is not held any more: it is removed when its time has ended`);
    return 0;
  });

export const listLegalHolds = (context: CommandContext, options: PrintOptions): Promise<ExitCode> =>
  withHome<ExitCode>(context, async ({ legalHolds }) => {
    printList(context, await legalHolds.list(), SHOWN, options, 'nothing is held');
    return 0;
  });

const SHOWN: Shown<LegalHold> = {
  header: ['SINCE', 'BY', 'WHAT', 'ID', 'REASON'],
  row: ({ heldAt, heldBy, kind, id, reason }) => [timeText(heldAt), heldBy, kind, id, reason],
  json: (hold) => ({ ...hold, heldAt: timeText(hold.heldAt) }),
};
