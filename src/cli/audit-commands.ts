/** The grammar of `payhook audit`. */
import { type Command, Option } from 'commander';
import { AUDIT_EVENTS } from '../audit/audit.ts';
import type { showAudit } from './audit.ts';
import type { AuditExportOptions } from './audit-export.ts';
import type { ReviewOptions } from './audit-review.ts';
import type { CommandContext } from './command-context.ts';
import { addJsonOption, addPlainListOptions, type Run, readName, readReason, readSeveral } from './list-options.ts';
import type { ReanchorOptions } from './reanchor.ts';
import type { recoverAudit } from './recover-audit.ts';

const ENTRIES_DEFAULT = 50;

const addEntryFilters = (show: Command): Command =>
  show
    .description('the entries of one webhook; without an id the newest entries of all')
    .argument('[webhook id]')
    .option(
      '--event <events>',
      'only these, with commas between them: REPLAYED,PAYLOAD_READ',
      readSeveral('event of the trail', AUDIT_EVENTS),
    )
    .option('--actor <actor>', 'only what they did: operator:ada, component:processor, provider:*', readName)
    .addOption(new Option('--outcome <outcome>', 'only how it went').choices(['success', 'failure']))
    .option(
      '--chain <chain>',
      'only of this chain: operators, rejections, home, jobs, <webhook id>@<timestamp>',
      readName,
    )
    .option(
      '--object <type:id>',
      'only about this: webhook:<id>, payment:<id>, delivery:<provider>, job:<id> …',
      readName,
    );

export const addAuditCommands = (program: Command, context: CommandContext, run: Run): void => {
  const audit = program.command('audit').description('the audit trail');
  const show = addEntryFilters(audit.command('show'));
  run(
    addPlainListOptions(show, context.clock.now(), 'written', ENTRIES_DEFAULT),
    async (id: string | undefined, options: Parameters<typeof showAudit>[2]) =>
      (await import('./audit.ts')).showAudit(context, id, options),
  );
  const verify = audit
    .command('verify')
    .description('is the trail whole, and everything stored as it says? Names what was edited, removed or added')
    .option('--digest <number:hash>', 'this digest, written down elsewhere, must be in the trail')
    .option('--deep', 'open every payload too');
  run(addJsonOption(verify), async ({ digest, ...options }: { digest?: string; deep?: boolean; json?: boolean }) => {
    const { readDigest, verifyAudit } = await import('./audit.ts');
    return verifyAudit(context, { ...options, ...(digest === undefined ? {} : { digest: readDigest(digest) }) });
  });
  const review = audit
    .command('review')
    .description('what a person goes through once a day: operators, payloads, what was turned away or is unexplained')
    .argument('[day]', 'such as 2026-11-28, in UTC; without one the day before')
    .option('--done', 'say that you went through it, for the audit trail')
    .option('--reason <text>', 'what you noted, for the audit trail', readReason);
  run(addJsonOption(review), async (day: string | undefined, options: ReviewOptions) =>
    (await import('./audit-review.ts')).reviewDay(context, day, options),
  );
  const exported = audit
    .command('export')
    .description('the trail as files, with a program beside it that checks them where no Payhook is')
    .argument('<folder>', 'empty, or not there yet')
    .option('--reason <text>', 'why, for the audit trail', readReason);
  run(addJsonOption(exported), async (folder: string, options: AuditExportOptions) =>
    (await import('./audit-export.ts')).exportAudit(context, folder, options),
  );
  const evidence = audit
    .command('evidence')
    .description('what an assessor asks: who may do what, retention, ages of keys, is the trail whole?');
  run(addJsonOption(evidence), async (options: { json?: boolean }) =>
    (await import('./audit-evidence.ts')).showEvidence(context, options),
  );
  const recover = audit
    .command('recover')
    .description('with --home aws: put into the trail what its change feed gave up on, and empty the bucket of it')
    .option('--dry-run', 'only say what would be done');
  run(addJsonOption(recover), async (options: Parameters<typeof recoverAudit>[1]) =>
    (await import('./recover-audit.ts')).recoverAudit(context, options),
  );
  const reanchor = audit
    .command('reanchor')
    .description('after an older copy was restored: give up what only the anchor remembers, and go on from there')
    .requiredOption('--reason <text>', 'why, for the audit trail', readReason);
  run(addJsonOption(reanchor), async (options: ReanchorOptions) =>
    (await import('./reanchor.ts')).reanchor(context, options),
  );
};
