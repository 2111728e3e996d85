/** Puts what was measured into RESULTS.md: each section replaces what an earlier run said of it, the rest stays. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { formatSection, type SectionReport } from './report.ts';

const PATH = fileURLToPath(new URL('./RESULTS.md', import.meta.url));
const HEADING = '## What `npm run bench -- --results` wrote';

/** One section and where it was measured, as it stands in the file. */
const blockOf = (machine: string, report: SectionReport): string =>
  `### ${report.section}\n\n\`\`\`text\n${machine.trim()}\n\n${formatSection(report).trim()}\n\`\`\`\n`;

export const writeResults = (machine: string, reports: readonly SectionReport[]): void => {
  const text = readFileSync(PATH, 'utf8');
  const [before = '', after = ''] = text.split(`${HEADING}\n`);
  const blocks = new Map(
    after
      .split(/^(?=### )/m)
      .filter((block) => block.startsWith('### '))
      .map((block) => [block.slice(0, block.indexOf('\n')), block.trimEnd()]),
  );
  for (const report of reports) blocks.set(`### ${report.section}`, blockOf(machine, report).trimEnd());
  writeFileSync(PATH, `${before.trimEnd()}\n\n${HEADING}\n\n${[...blocks.values()].join('\n\n')}\n`);
};
