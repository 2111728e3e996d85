/** What the suites of single ports take out of a home. */
import type { Adapter } from './contract-tests.ts';
import type { OpenDestinationQueue } from './destination-queue-contract.ts';
import { HOMES } from './homes.ts';
import type { OpenJobStore } from './job-store-contract.ts';
import type { OpenPaymentStore } from './payment-store-contract.ts';
import type { OpenReconcileCheckpoints } from './reconcile-checkpoints-contract.ts';
import type { OpenRejectedBox } from './rejected-box-contract.ts';
import type { OpenSilenceRecords } from './silence-records-contract.ts';

export const PAYMENT_STORES: readonly Adapter<OpenPaymentStore>[] = HOMES.map(({ name, open }) => ({
  name,
  open: async () => {
    const home = await open();
    return { store: home.payments, [Symbol.asyncDispose]: () => home[Symbol.asyncDispose]() };
  },
}));

export const RECONCILE_CHECKPOINTS: readonly Adapter<OpenReconcileCheckpoints>[] = HOMES.map(({ name, open }) => ({
  name,
  open: async () => {
    const home = await open();
    const { checkpoints, checkProgress } = home;
    return { checkpoints, checkProgress, [Symbol.asyncDispose]: () => home[Symbol.asyncDispose]() };
  },
}));

export const SILENCE_RECORDS: readonly Adapter<OpenSilenceRecords>[] = HOMES.map(({ name, open }) => ({
  name,
  open: async () => {
    const home = await open();
    return { silence: home.silence, [Symbol.asyncDispose]: () => home[Symbol.asyncDispose]() };
  },
}));

export const REJECTED_BOXES: readonly Adapter<OpenRejectedBox>[] = HOMES.map(({ name, open }) => ({
  name,
  open: async () => {
    const home = await open();
    const { rejected: box, clock } = home;
    return { box, clock, [Symbol.asyncDispose]: () => home[Symbol.asyncDispose]() };
  },
}));

export const JOB_STORES: readonly Adapter<OpenJobStore>[] = HOMES.map(({ name, open }) => ({
  name,
  open: async () => {
    const home = await open();
    const { jobs, clock } = home;
    return { jobs, clock, [Symbol.asyncDispose]: () => home[Symbol.asyncDispose]() };
  },
}));

export const DESTINATION_QUEUES: readonly Adapter<OpenDestinationQueue>[] = HOMES.map(({ name, open }) => ({
  name,
  open: async () => {
    const home = await open();
    const { destinations: queue, store, clock } = home;
    return { queue, store, clock, [Symbol.asyncDispose]: () => home[Symbol.asyncDispose]() };
  },
}));
