/** What is told before it is done, so that nothing is done untold; and once more when it was not done, or the first would be taken for how it ended. */
import { asPayhookError } from '../core/errors.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { AuditDraft } from './audit.ts';
import type { AuditAppend } from './audit-log.ts';

export interface ToldBeforeDeps {
  readonly auditLog: AuditAppend;
  readonly clock: Pick<Clock, 'now'>;
}

/** Throws what the trail throws, and then nothing was done; and what `act` throws. */
export const toldBefore = async <Done>(
  { auditLog, clock }: ToldBeforeDeps,
  draft: Omit<AuditDraft, 'at' | 'outcome'>,
  act: () => Promise<Done>,
): Promise<Done> => {
  await auditLog.append([{ ...draft, at: clock.now(), outcome: 'success' }]);
  try {
    return await act();
  } catch (thrown) {
    const { code } = asPayhookError(thrown);
    const failed: AuditDraft = { ...draft, at: clock.now(), outcome: 'failure', reason: code };
    // Where it cannot be told either, what is thrown says more.
    await auditLog.append([failed]).catch(() => undefined);
    throw thrown;
  }
};
