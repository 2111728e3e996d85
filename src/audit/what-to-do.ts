/** What somebody does about what a check of the trail found: a sentence or two for each kind of problem. */
import type { AuditCheck } from './check.ts';
import type { AuditProblem, AuditProblemKind } from './problem.ts';

const INCIDENT =
  'Change nothing, and treat it as a security incident: docs/runbooks/audit.md, "The audit trail does not fit".';
const WRITTEN = 'Something else than Payhook wrote to the trail: find out who could.';
const CUT_OFF =
  'Was an older copy restored on purpose? Then payhook audit reanchor --reason "…" gives up what was lost. Otherwise the end was cut off.';
const STORED =
  'Something else than Payhook wrote to what is stored: compare it with the provider and with a backup of before.';

const WHAT_TO_DO: Readonly<Record<AuditProblemKind, string>> = {
  edited: `${WRITTEN} ${INCIDENT}`,
  removed: `${WRITTEN} ${INCIDENT}`,
  reordered: `${WRITTEN} ${INCIDENT}`,
  added: `${WRITTEN} ${INCIDENT}`,
  truncated: `${CUT_OFF} ${INCIDENT}`,
  digest_forged: `Compare it with a digest that was kept elsewhere: payhook audit verify --digest <number>:<hash>. ${INCIDENT}`,
  digest_missing: `${CUT_OFF} ${INCIDENT}`,
  anchor_missing:
    'Put the anchor back from where it is kept. After a restore on purpose: payhook audit reanchor --reason "…". See docs/audit.md, "Where the anchor lies".',
  unexplained_change: `${STORED} payhook webhooks show <webhook id> says what it holds now. ${INCIDENT}`,
  webhook_edited: `${STORED} payhook webhooks show <webhook id> says what it holds now. ${INCIDENT}`,
  webhook_removed: `${STORED} Its provider may send it again. ${INCIDENT}`,
  webhook_added: `${STORED} Do not act on it. ${INCIDENT}`,
  state_edited: `${STORED} ${INCIDENT}`,
  state_removed: `${STORED} ${INCIDENT}`,
  state_added: `${STORED} ${INCIDENT}`,
};

const whatToDo = ({ kind }: Pick<AuditProblem, 'kind'>): string => WHAT_TO_DO[kind];

export type AdvisedProblem = AuditProblem & { readonly toDo: string };

/** With what to do about each problem; none where the trail is whole. */
export const advisedProblems = (check: AuditCheck): readonly AdvisedProblem[] =>
  check.outcome === 'whole' ? [] : check.problems.map((found) => ({ ...found, toDo: whatToDo(found) }));
