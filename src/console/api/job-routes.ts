/** One action on many webhooks: looked at first, then a job that the server carries on. As `redrive`, `replay` and `resend` of the command line. */
import { hash } from 'node:crypto';
import { Hono } from 'hono';
import { PayhookError } from '../../core/errors.ts';
import { createChangeJob } from '../../jobs/change-job.ts';
import type { JobFilter, JobWebhook, JobWork } from '../../jobs/job.ts';
import { jobJson, jobWebhookJson, previewJson } from '../../jobs/job-json.ts';
import { type ApprovalLimits, whyApproval } from '../../jobs/needs-approval.ts';
import { createPreviewJob } from '../../jobs/preview-job.ts';
import { createReportJob } from '../../jobs/report-job.ts';
import { createRequestJob } from '../../jobs/request-job.ts';
import { timeText } from '../../operate/webhook-json.ts';
import type { JobDetailJson, JobJson, JobsJson, PreviewJson } from '../api-types.ts';
import { bodyOf } from './body.ts';
import type { ConsoleDeps } from './console-deps.ts';
import { type ConsoleEnv, only, refusal } from './guard.ts';
import { jobsJson, jobWithId } from './job-with-id.ts';
import { actionBody, jobAction, noQuery, previewBody, read, requestJobBody } from './queries.ts';

const JOBS_SHOWN = 100;

export const jobRoutes = ({ home, config }: ConsoleDeps) => {
  const preview = createPreviewJob(home);
  const mode = config.mode ?? 'live';
  const approvalLimits: ApprovalLimits = {
    webhooksMax: config.jobs.approvalAboveWebhooks ?? null,
    amountMax: config.jobs.approvalAboveAmount ?? null,
  };

  return new Hono<ConsoleEnv>()
    .get('/', async (context) => {
      read(noQuery, context.req.query());
      return context.json<JobsJson>(jobsJson(await home.jobs.list({ limit: JOBS_SHOWN }), home.clock));
    })
    .post('/preview', only(home.operators, 'put_back'), async (context) => {
      const now = home.clock.now();
      const { work, filter: asked } = read(previewBody(now), await bodyOf(context));
      const filter = frozen(work, asked, now);
      refuseUnknown(config, work);
      const found = await preview(work, filter, mode);
      return context.json<PreviewJson>({
        until: timeText(filter.until),
        hash: hashOf(found.webhooks),
        preview: previewJson(found.preview),
        whyApproval: whyApproval(found.preview, approvalLimits),
      });
    })
    .post('/', only(home.operators, 'put_back'), async (context) => {
      if (home.jobsAreCarriedBy !== 'server') {
        return refusal(
          context,
          403,
          'not_here',
          'no server carries jobs of this home on: the command does, for as long as it runs',
        );
      }
      const now = home.clock.now();
      const { filter: asked, hash: seen, ...request } = read(requestJobBody(now), await bodyOf(context));
      const { work } = request;
      const filter = frozen(work, asked, now);
      refuseUnknown(config, work);
      const previewed = await preview(work, filter, mode);
      if (hashOf(previewed.webhooks) !== seen) {
        return refusal(
          context,
          409,
          'preview_changed',
          'what this would do has changed meanwhile, and nothing was asked for: look at it as it is now',
        );
      }
      const job = await createRequestJob(home)({
        ...request,
        filter,
        mode,
        previewed,
        requestedBy: context.get('person').operator,
        approvalLimits,
      });
      return context.json<JobJson>(jobJson(job, home.clock));
    })
    .get('/:id', async (context) => {
      const job = await jobWithId(home, context.req.param('id'));
      const { counts, webhooks } = await createReportJob(home)(job);
      return context.json<JobDetailJson>({
        ...jobJson({ ...job, counts }, home.clock),
        webhooks: webhooks.map(jobWebhookJson),
      });
    })
    .post('/:id/:action', only(home.operators, 'put_back'), async (context) => {
      const action = read(jobAction, context.req.param('action'));
      const { reason = null } = read(actionBody, await bodyOf(context));
      const outcome = await createChangeJob(home)(
        context.req.param('id'),
        action,
        context.get('person').operator,
        reason,
      );
      if (outcome.outcome === 'not_possible') {
        return refusal(context, 409, 'not_possible', `the job is ${outcome.state}: it cannot be made to ${action}`);
      }
      return context.json<JobJson>(jobJson(await jobWithId(home, context.req.param('id')), home.clock));
    });
};

/** Nothing that came later is part of it. */
const frozen = (
  work: JobWork,
  filter: Omit<JobFilter, 'until' | 'status'> & { readonly until?: number | undefined },
  now: number,
): JobFilter => ({
  ...filter,
  status: work.kind === 'redrive' ? 'dead_lettered' : undefined,
  until: Math.min(filter.until ?? now, now),
});

const refuseUnknown = ({ destinations }: ConsoleDeps['config'], work: JobWork): void => {
  if (work.kind === 'resend' && !Object.hasOwn(destinations, work.destination)) {
    throw new PayhookError(
      'not_found',
      `there is no destination ${work.destination}: payhook destinations list shows them`,
    );
  }
};

/** What was seen is what is done: the webhooks, each as it was found. */
const hashOf = (webhooks: readonly JobWebhook[]): string =>
  hash(
    'sha256',
    JSON.stringify(
      webhooks.map(({ webhookId, timestamp, revision, eventIds = [] }) => [
        webhookId,
        timestamp,
        revision,
        ...eventIds,
      ]),
    ),
  );
