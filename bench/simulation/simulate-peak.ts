/**
 * `npm run simulate:peak`: plays all scenarios, prints and draws them, and fails when a promise did not hold. With `aws.peak`
 * in the configuration it plays that first, and without the others with `--own`.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { ASSUMED_AS_OF } from './assumptions.ts';
import { drawScenario } from './chart.ts';
import { ownScenario } from './own-scenario.ts';
import { type RunResult, runScenario } from './run-scenario.ts';
import { SCENARIOS } from './scenarios.ts';

const DRAWINGS = join(import.meta.dirname, '../../docs/capacity');

const duration = (seconds: number): string => {
  if (seconds < 120) return `${Number(seconds.toPrecision(2))} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
};
const count = (value: number): string => value.toLocaleString('en-US');

const rowOf = ({ run, totals, ...result }: RunResult): readonly string[] => [
  run.settings.label,
  count(totals.arrived),
  count(result.firstSecondThrottled),
  count(totals.throttled),
  `${(result.onTime * 100).toFixed(1)} %`,
  duration(result.receivedP99Seconds),
  duration(result.receivedMaxSeconds),
  count(totals.rested),
  count(result.waitingMax),
  duration(result.processedP99Seconds),
  duration(result.auditMaxSeconds),
  duration(result.finishedAt),
  String(result.lost),
  totals.usd.toFixed(0),
];

const HEAD = [
  'settings',
  'webhooks',
  'refused in the first second',
  'refused in all',
  '200 at first',
  'to 200, p99',
  'longest',
  'rests',
  'backlog, most',
  '200 to processed, p99',
  'trail behind, most',
  'all done after',
  'lost',
  'USD',
];

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const table = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

// The composition root of the simulation: the one place here that reads the environment.
const { env } = process;
const isOwnOnly = process.argv.includes('--own');

let brokenCount = 0;
mkdirSync(DRAWINGS, { recursive: true });
print(`Simulated with the assumptions of ${ASSUMED_AS_OF} (bench/simulation/assumptions.ts); the same each time.`);
const own = await ownScenario({ PAYHOOK_CONFIG: env.PAYHOOK_CONFIG }, process.cwd());
if (typeof own === 'string') {
  process.stderr.write(`payhook: ${own}\n`);
  process.exit(2);
}
if (own === null && isOwnOnly) {
  process.stderr.write('payhook: there is no aws.peak in the configuration\n');
  process.exit(2);
}
for (const scenario of [...(own === null ? [] : [own]), ...(isOwnOnly ? [] : SCENARIOS)]) {
  const results = scenario.runs.map((run) => runScenario(scenario, run));
  // What belongs to somebody's configuration is no page of the docs.
  const drawing = scenario === own ? resolve(`${scenario.name}.svg`) : join(DRAWINGS, `${scenario.name}.svg`);
  writeFileSync(drawing, drawScenario(scenario, results));
  print(`\n${scenario.title} (${relative(process.cwd(), drawing)})\n`);
  print(table(HEAD));
  print(table(HEAD.map((_, index) => (index === 0 ? '---' : '--:'))));
  for (const result of results) print(table(rowOf(result)));
  for (const { run, broken } of results) {
    for (const promise of broken) print(`BROKEN, ${run.settings.label}: ${promise}`);
    brokenCount += broken.length;
  }
}
print(brokenCount === 0 ? '\nNothing is lost, and every promise holds.' : `\n${brokenCount} promises are broken.`);
process.exitCode = brokenCount === 0 ? 0 : 1;
