/** `npm run fuzz`: a million changed deliveries, or as many as fit into a time. Any case can be run again by its number. */
import { parseArgs } from 'node:util';
import { MINUTE_MS } from '../../src/core/time.ts';
import { fuzz, type Tally } from './fuzz.ts';

const USAGE = `Usage: npm run fuzz -- [options]

  --count <n>     cases (default: 1000000)
  --minutes <n>   stop after so long, whatever the count
  --seed <n>      (default: drawn, and printed)
  --from <n>      number of the first case (default: 0): where an earlier run stopped, or the case to look at
`;

const write = (line: string): void => void process.stdout.write(`${line}\n`);

const numberIn = (text: string | undefined, otherwise: number): number => {
  const value = text === undefined ? otherwise : Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  process.stderr.write(USAGE);
  return process.exit(2);
};

const lineOf = ({ cases, taken, slowestMs, findings }: Tally): string =>
  `${cases} cases, ${taken} taken as signed, ${findings.length} findings, slowest re-timed ${slowestMs.toFixed(1)} ms`;

const { values } = parseArgs({
  options: {
    count: { type: 'string' },
    minutes: { type: 'string' },
    seed: { type: 'string' },
    from: { type: 'string' },
  },
});
const seed = numberIn(values.seed, Date.now() % 2 ** 31);
const from = numberIn(values.from, 0);
const endsAt =
  values.minutes === undefined ? Number.POSITIVE_INFINITY : Date.now() + numberIn(values.minutes, 0) * MINUTE_MS;

write(`seed ${seed}, from case ${from}`);
const tally = await fuzz({
  seed,
  from,
  count: numberIn(values.count, 1_000_000),
  isOver: () => Date.now() >= endsAt,
  onProgress: (soFar) => write(lineOf(soFar)),
});
for (const [provider, { cases, taken }] of tally.byProvider) write(`${provider}: ${cases} cases, ${taken} taken`);
for (const { what, provider, number, detail } of tally.findings) {
  write(`${what} ${provider}: npm run fuzz -- --seed ${seed} --from ${number} --count 1\n${detail}`);
}
write(`seed ${seed}, cases ${from} to ${from + tally.cases - 1}: ${lineOf(tally)}`);
process.exitCode = tally.findings.length === 0 ? 0 : 1;
