/**
 * `npm run bench`: throughput, latency, memory, growth and where the time goes, in one report. Everything runs on this
 * machine: servers on 127.0.0.1, load generator beside them on the same cores.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { againstSection } from './against-section.ts';
import { awsSection } from './aws-section.ts';
import { backlogSection } from './backlog-section.ts';
import { besideSection } from './beside-section.ts';
import { killChildren } from './child-processes.ts';
import { computingSection } from './computing-section.ts';
import { consoleSection } from './console-section.ts';
import { endToEndSection } from './end-to-end-section.ts';
import { growthSection } from './growth-section.ts';
import { startLoadGenerator } from './load-generator.ts';
import { lookingSection } from './looking-section.ts';
import { describeMachine, type Machine } from './machine.ts';
import { matrixSection, variantsSection } from './matrix-section.ts';
import { memorySection } from './memory-section.ts';
import { PROJECT } from './payhook-server.ts';
import { processingSection } from './processing-section.ts';
import { receiveSection } from './receive-section.ts';
import { reconcileSection } from './reconcile-section.ts';
import { formatSection, type SectionReport } from './report.ts';
import { createDirectories, type Section } from './section.ts';
import { stagesSection } from './stages-section.ts';
import { steadySection } from './steady-section.ts';
import { walSection } from './wal-section.ts';
import { writeResults } from './write-results.ts';

const SECTIONS: ReadonlyMap<string, Section> = new Map([
  ['receive', receiveSection],
  ['matrix', matrixSection],
  ['variants', variantsSection],
  ['steady', steadySection],
  ['computing', computingSection],
  ['end-to-end', endToEndSection],
  ['processing', processingSection],
  ['growth', growthSection],
  ['looking', lookingSection],
  ['wal', walSection],
  ['stages', stagesSection],
  ['aws', awsSection],
]);

/** Run when asked for by `--against`, and then alone unless others are named too. */
const AGAINST = 'against';
/** Takes ten minutes and more: only when asked for by name. */
const MEMORY = 'memory';
/** Fill stores with hundreds of thousands of webhooks: only when asked for by name, too. */
const RECONCILE = 'reconcile';
const CONSOLE = 'console';
const BESIDE = 'beside';
const BACKLOG = 'backlog';
const ALL_SECTIONS: ReadonlyMap<string, Section> = new Map([
  ...SECTIONS,
  [AGAINST, againstSection],
  [MEMORY, memorySection],
  [RECONCILE, reconcileSection],
  [CONSOLE, consoleSection],
  [BESIDE, besideSection],
  [BACKLOG, backlogSection],
]);

const USAGE = `Usage: npm run bench -- [sections] [options]

Sections: ${[...SECTIONS.keys()].join(', ')} (default: all of these), memory (ten minutes), reconcile,
          console, beside (ten minutes), backlog (fifteen minutes)

  --quick            small runs, about a minute: shows that it works, the numbers are rough
  --json             one JSON object on standard output instead of the table
  --output <file>    also write the JSON there
  --directory <dir>  where databases are made and removed again (default: ${tmpdir()})
  --against <commit> measure this checkout and that commit in turns, and say how they compare
  --results          also write the sections that ran into bench/RESULTS.md
  --profile <dir>    write CPU profiles of the server's threads there (receive, end-to-end)
`;

const describe = (machine: Machine): string =>
  [
    `Payhook benchmark  ${machine.date}  commit ${machine.commit}`,
    `${machine.cores} cores ${machine.cpuModel}, ${machine.memoryMib} MiB, Linux ${machine.kernel}, ${machine.fileSystem}, Node ${machine.node}`,
    `load before the run ${machine.loadBefore}; the load generator runs on the same cores`,
    '',
  ].join('\n');

const readArguments = () =>
  parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
      output: { type: 'string' },
      directory: { type: 'string', default: tmpdir() },
      profile: { type: 'string' },
      against: { type: 'string' },
      results: { type: 'boolean', default: false },
    },
  });

type Options = ReturnType<typeof readArguments>['values'];

const runSections = async (names: readonly string[], root: string, options: Options): Promise<SectionReport[]> => {
  const reports: SectionReport[] = [];
  for (const name of names) {
    // A generator for each section: what it prepared for the last one is gone, memory and all.
    await using load = startLoadGenerator();
    const report = await (ALL_SECTIONS.get(name) as Section)({
      load,
      isQuick: options.quick,
      newDirectory: createDirectories(join(root, name)),
      against: options.against,
      profileDirectory: options.profile === undefined ? undefined : resolve(options.profile),
      progress: (text) => console.error(`… ${name}: ${text}`),
    });
    reports.push(report);
    if (!options.json) console.log(formatSection(report));
    rmSync(join(root, name), { recursive: true, force: true });
  }
  return reports;
};

const namesOf = (asked: readonly string[], against: string | undefined): readonly string[] => {
  if (against !== undefined) return [...asked, AGAINST];
  return asked.length === 0 ? [...SECTIONS.keys()] : asked;
};

const main = async (): Promise<number> => {
  const { values, positionals } = readArguments();
  const unknown = positionals.filter((name) => !ALL_SECTIONS.has(name));
  if (values.help || unknown.length > 0) {
    for (const name of unknown) console.error(`there is no section ${name}`);
    console.error(USAGE);
    return unknown.length > 0 ? 2 : 0;
  }
  const startedAt = performance.now();
  const root = mkdtempSync(join(resolve(values.directory), 'payhook-bench-'));
  process.on('exit', () => {
    killChildren();
    rmSync(root, { recursive: true, force: true });
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));

  const machine = describeMachine(PROJECT, root);
  if (!values.json) console.log(describe(machine));
  const names = namesOf(positionals, values.against);
  const sections = await runSections(names, root, values);
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  const json = JSON.stringify({ machine, isQuick: values.quick, seconds, sections }, null, 2);
  if (values.json) console.log(json);
  else console.log(`took ${seconds} s${values.quick ? '; a quick run: the numbers are rough' : ''}`);
  if (values.output !== undefined) writeFileSync(values.output, `${json}\n`);
  if (values.results) writeResults(describe(machine), sections);
  return sections.some(({ errors }) => errors.length > 0) ? 1 : 0;
};

// Everything that was opened is closed by now; what is not must not keep the report waiting.
process.exit(await main());
