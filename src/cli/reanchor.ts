/** `payhook audit reanchor`: go on with a trail that ends before what its anchor remembers. */
import { createReanchor, type ReanchorOutcome } from '../audit/reanchor.ts';
import { assertNever } from '../core/errors.ts';
import { auditCheckJson } from '../operate/audit-check-json.ts';
import { withOperator } from './act-as.ts';
import type { CommandContext } from './command-context.ts';
import type { ExitCode } from './report-failure.ts';

export interface ReanchorOptions {
  readonly reason: string;
  readonly json?: boolean;
}

/** Audited. Exit 1 when something else is wrong with the trail. */
export const reanchor = (context: CommandContext, { reason, json }: ReanchorOptions): Promise<ExitCode> =>
  withOperator<ExitCode>(context, 'look_after', async (home) => {
    const reanchored = await createReanchor(home)(home.operator, reason);
    if (json === true) context.print(JSON.stringify(jsonOf(reanchored)));
    else context.print(lineOf(reanchored));
    return reanchored.outcome === 'broken' ? 1 : 0;
  });

const jsonOf = (reanchored: ReanchorOutcome) =>
  reanchored.outcome === 'broken' ? { ...reanchored, check: auditCheckJson(reanchored.check) } : reanchored;

const lineOf = (reanchored: ReanchorOutcome): string => {
  switch (reanchored.outcome) {
    case 'fits':
      return 'the anchor fits the trail: nothing has to be given up';
    case 'broken':
      return `the trail is broken in itself, so nothing was anchored: ${reanchored.check.problem.message}`;
    case 'reanchored': {
      const { from, to } = reanchored;
      const what = from === null ? 'whatever came after it' : `what digest ${from.number} had signed`;
      return `digest ${to.number} is anchored, ${what} is given up, and the trail says so: digests are signed again`;
    }
    default:
      return assertNever(reanchored);
  }
};
