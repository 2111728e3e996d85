/** The grammar of `payhook health`, `payhook backup`, `payhook restore` and `payhook legal-holds`. */
import type { Command } from 'commander';
import type { BackupOptions, RestoreOptions } from './backup.ts';
import type { CommandContext } from './command-context.ts';
import type { LegalHoldOptions } from './legal-holds.ts';
import { addFormatOptions, addJsonOption, type Run, readReason } from './list-options.ts';
import type { PrintOptions } from './print-list.ts';

export const addDataCommands = (program: Command, context: CommandContext, run: Run): void => {
  const health = program
    .command('health')
    .description('is anything wrong that a person has to look at? What the server says of itself, queues, disk');
  run(addJsonOption(health), async (options: { json?: boolean }) =>
    (await import('./health.ts')).showHealth(context, options),
  );
  const backup = program
    .command('backup')
    .description('copy the database of this machine into a folder, while a server runs, and read the copy back')
    .argument('<folder>', 'empty, or not there yet')
    .option('--with-keys', 'the key files too, in the folder keys inside of it')
    .option('--reason <text>', 'why, for the audit trail', readReason);
  run(addJsonOption(backup), async (folder: string, options: BackupOptions) =>
    (await import('./backup.ts')).backup(context, folder, options),
  );
  const restore = program
    .command('restore')
    .description('put a backup into an empty data directory, once all of it was checked')
    .argument('<folder>', 'what payhook backup has written')
    .option('--keys <folder>', 'where the key files are; the folder keys of the backup unless it is named')
    .option('--dry-run', 'only check, and leave nothing behind; a server may run')
    .option('--reason <text>', 'why, for the audit trail', readReason);
  run(addJsonOption(restore), async (folder: string, options: RestoreOptions) =>
    (await import('./backup.ts')).restore(context, folder, options),
  );
  const holds = program.command('legal-holds').description('webhooks and payments that stay beyond their time');
  const add = holds
    .command('add')
    .description('hold a webhook, or a payment with all its webhooks')
    .argument('<id>', 'of the webhook, with its provider, or any of the payment')
    .requiredOption('--reason <text>', 'why, for the audit trail', readReason);
  run(addJsonOption(add), async (id: string, options: LegalHoldOptions) =>
    (await import('./legal-holds.ts')).addLegalHold(context, id, options),
  );
  const remove = holds
    .command('remove')
    .description('let it go when its time has ended')
    .argument('<id>', 'as it was held')
    .requiredOption('--reason <text>', 'why, for the audit trail', readReason);
  run(addJsonOption(remove), async (id: string, options: LegalHoldOptions) =>
    (await import('./legal-holds.ts')).removeLegalHold(context, id, options),
  );
  const list = holds.command('list').description('what is held, since when, by whom and why');
  run(addFormatOptions(list), async (options: PrintOptions) =>
    (await import('./legal-holds.ts')).listLegalHolds(context, options),
  );
};
