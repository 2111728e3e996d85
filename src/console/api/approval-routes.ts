/** What waits for a second person, and what that person decides. As `payhook approvals`. */
import { Hono } from 'hono';
import { createDecideOnJob, createMayDecide } from '../../jobs/decide-on-job.ts';
import { describeHindrance } from '../../jobs/describe-hindrance.ts';
import { type Job, shownStateOf } from '../../jobs/job.ts';
import { jobJson, previewJson } from '../../jobs/job-json.ts';
import { listWaiting } from '../../jobs/list-waiting.ts';
import { createLookAgain } from '../../jobs/look-again.ts';
import type { Person } from '../../operators/operators.ts';
import { whyNot } from '../../operators/roles.ts';
import type { ApprovalJson, JobJson, JobsJson } from '../api-types.ts';
import { bodyOf } from './body.ts';
import type { ConsoleDeps } from './console-deps.ts';
import { type ConsoleEnv, only, refusal } from './guard.ts';
import { jobsJson, jobWithId } from './job-with-id.ts';
import { decision, noQuery, read, reasonBody } from './queries.ts';

export const approvalRoutes = ({ home }: ConsoleDeps) => {
  const mayDecide = createMayDecide(home);
  const lookAgain = createLookAgain(home);
  const whyNeither = async (
    { role, operator }: Person,
    job: Job,
    outcome: 'approved' | 'refused',
    changed: number | undefined,
  ): Promise<string | null> => {
    const why = whyNot(role, 'approve');
    if (why !== null) return why;
    const hindrance = await mayDecide(job, { by: operator, outcome }, changed);
    if (hindrance !== null) return `it ${describeHindrance(hindrance)}`;
    return outcome === 'approved' && home.jobsAreCarriedBy === 'command' ? NOT_CARRIED : null;
  };

  return new Hono<ConsoleEnv>()
    .get('/', async (context) => {
      read(noQuery, context.req.query());
      return context.json<JobsJson>(jobsJson(await listWaiting(home), home.clock));
    })
    .get('/:id', async (context) => {
      const job = await jobWithId(home, context.req.param('id'));
      const person = context.get('person');
      const isWaiting = shownStateOf(job, home.clock.now()) === 'waiting_for_approval';
      const looked = isWaiting ? await lookAgain(job) : undefined;
      const approve = await whyNeither(person, job, 'approved', looked?.changed);
      const refuse = await whyNeither(person, job, 'refused', looked?.changed);
      return context.json<ApprovalJson>({
        actions: [
          { name: 'approve', isAllowed: approve === null, why: approve },
          { name: 'refuse', isAllowed: refuse === null, why: refuse },
        ],
        now: looked === undefined ? null : { ...looked, preview: previewJson(looked.preview) },
      });
    })
    .post('/:id/:decision', only(home.operators, 'approve'), async (context) => {
      const { outcome, name } = read(decision, context.req.param('decision'));
      const { reason } = read(reasonBody, await bodyOf(context));
      const id = context.req.param('id');
      if (name === 'approve' && home.jobsAreCarriedBy === 'command')
        return refusal(context, 403, 'not_here', NOT_CARRIED);
      const decided = await createDecideOnJob(home)(id, { outcome, by: context.get('person').operator, reason });
      switch (decided.outcome) {
        case 'decided':
          return context.json<JobJson>(jobJson(decided.job, home.clock));
        case 'missing':
          return context.json<JobJson>(jobJson(await jobWithId(home, id), home.clock));
        default:
          return refusal(context, 409, decided.outcome, `the job ${describeHindrance(decided)}`);
      }
    });
};

const NOT_CARRIED = 'no server carries jobs of this home on: payhook approvals approve does';
