/** The grammar of `payhook backup` and `payhook restore`. */
import type { Command } from 'commander';
import type { BackupOptions, RestoreOptions } from './backup.ts';
import type { CommandContext } from './command-context.ts';
import { addJsonOption, type Run, readReason } from './list-options.ts';

export const addBackupCommands = (program: Command, context: CommandContext, run: Run): void => {
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
};
