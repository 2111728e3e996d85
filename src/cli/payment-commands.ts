/** The grammar of `payhook find`, `payments` and `destinations`. */
import type { Command } from 'commander';
import { DESTINATION_STATES } from '../destinations/destination-queue.ts';
import { PAYMENT_TRAITS } from '../operate/list-payments.ts';
import { PAYMENT_STATUSES } from '../payments/payment.ts';
import { type CommandContext, refuseAws } from './command-context.ts';
import type { listDestinationEntries, listDestinations, testDestination } from './destinations.ts';
import { addJobOptions } from './job-commands.ts';
import {
  addFormatOptions,
  addJsonOption,
  addListFormatOptions,
  addOwnerOptions,
  addPageOptions,
  addPlainListOptions,
  addSubjectOptions,
  addTimeOptions,
  type Run,
  readAmount,
  readName,
  readSeveral,
} from './list-options.ts';
import type { listPayments, showPayment, sumPayments } from './payments.ts';
import type { PrintOptions } from './print-list.ts';
import type { resendMany } from './request-job.ts';

/** What lists and sums of payments take alike, but for times. */
const addWhichPayments = (command: Command): Command =>
  addOwnerOptions(command)
    .option(
      '--status <statuses>',
      `only these, with commas between them: ${PAYMENT_STATUSES.join(', ')}`,
      readSeveral('status', PAYMENT_STATUSES),
    )
    .option(
      '--having <traits>',
      `only those with one of these, with commas between them: ${PAYMENT_TRAITS.join(', ')}`,
      readSeveral('thing that a payment may have', PAYMENT_TRAITS),
    )
    .option('--currency <code>', 'only those in this currency, such as EUR', (code) => readName(code).toUpperCase())
    .option('--amount-min <amount>', 'only those of this amount or more, in --currency', readAmount)
    .option('--amount-max <amount>', 'only those of this amount or less, in --currency', readAmount)
    .option(
      '--related <id>',
      'only what this belongs to: refund, dispute, customer, subscription, invoice, your own reference',
      readName,
    );

export const addPaymentCommands = (program: Command, context: CommandContext, run: Run): void => {
  const find = program
    .command('find')
    .description('find a webhook or a payment by whatever id you have; shows it, or lists several')
    .argument(
      '<id>',
      'of a webhook, event, payment, refund, dispute, customer, subscription, your own reference, a trace',
    );
  run(addListFormatOptions(find), async (id: string, options: PrintOptions) =>
    (await import('./find.ts')).findAnything(context, id, options),
  );

  const payments = program.command('payments').description('what the payment events of each payment add up to');
  const now = context.clock.now();
  const list = addPageOptions(payments.command('list').description('newest first'), now, 'first seen');
  run(addFormatOptions(addWhichPayments(list)), async (options: Parameters<typeof listPayments>[1]) =>
    (await import('./payments.ts')).listPayments(context, options),
  );
  const sum = payments
    .command('sum')
    .description('what they add up to, by currency: captured, refunded, reversed, disputed, and what is left');
  run(
    addFormatOptions(addWhichPayments(addTimeOptions(sum, now, 'first seen'))),
    async (options: Parameters<typeof sumPayments>[1]) => (await import('./payments.ts')).sumPayments(context, options),
  );
  const show = payments
    .command('show')
    .description('one payment with its amounts and everything that happened to it')
    .argument('<payment id>', 'any id that the provider has for it: order, payment, authorization, capture, charge');
  run(addJsonOption(show), async (id: string, options: Parameters<typeof showPayment>[2]) =>
    (await import('./payments.ts')).showPayment(context, id, options),
  );

  const destinations = program.command('destinations').description('where payment events are delivered on');
  const listAll = destinations.command('list').description('what waits for each one, and what was given up');
  run(addFormatOptions(listAll), async (options: Parameters<typeof listDestinations>[1]) =>
    (await import('./destinations.ts')).listDestinations(context, options),
  );
  const entries = destinations
    .command('entries')
    .description('what was put into its queue, and what became of it; of the newest webhooks first')
    .argument('<name>')
    .option(
      '--state <states>',
      `only these, with commas between them: ${DESTINATION_STATES.join(', ')}`,
      readSeveral('state', DESTINATION_STATES),
    );
  run(
    addPlainListOptions(addSubjectOptions(addOwnerOptions(entries)), now, 'received'),
    async (name: string, options: Parameters<typeof listDestinationEntries>[2]) =>
      (await import('./destinations.ts')).listDestinationEntries(context, name, options),
  );
  const resend = destinations
    .command('resend')
    .description('what this one gave up waits for it again, as a job')
    .argument('<name>');
  run(addJsonOption(addJobOptions(resend, now)), async (name: string, options: Parameters<typeof resendMany>[2]) =>
    (await import('./request-job.ts')).resendMany(context, name, options),
  );
  const test = destinations
    .command('test')
    .description('send one message of type payhook.test, signed as all others, from this machine')
    .argument('<name>');
  run(addJsonOption(test), async (name: string, options: Parameters<typeof testDestination>[2]) => {
    refuseAws(context, 'test sends from this machine with its secrets: leave out --home aws');
    return (await import('./destinations.ts')).testDestination(context, name, options);
  });
};
