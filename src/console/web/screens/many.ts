/** What is done with many webhooks, loaded together: what would happen leads to the job, and the job to who decides. */
import './shared.ts';
import { ActOnMany } from './act-on-many.tsx';
import { Approvals } from './approvals.tsx';
import { JobScreen } from './job.tsx';
import { Jobs } from './jobs.tsx';

export const MANY = { ActOnMany, Approvals, JobScreen, Jobs } as const;
