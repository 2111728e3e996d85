/** What the documents show: TypeScript compiles in a strict project, and every command exists with its options. */
import { spawnSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { processContext } from '../../src/cli/command-context.ts';
import { createProgram } from '../../src/cli/program.ts';
import { PROJECT_ROOT } from '../support/running-server.ts';

const PAGES = globSync(['README.md', 'CONTRIBUTING.md', 'docs/*.md', 'docs/runbooks/*.md'], { cwd: PROJECT_ROOT });
const FENCE = /^```(\w*)\n([\s\S]*?)^```$/gm;

interface Snippet {
  readonly page: string;
  readonly language: string;
  readonly text: string;
}

const SNIPPETS: readonly Snippet[] = PAGES.flatMap((page) =>
  [...readFileSync(join(PROJECT_ROOT, page), 'utf8').matchAll(FENCE)].map(([, language = '', text = '']) => ({
    page,
    language,
    text,
  })),
);

/** What a reader has around a snippet that shows a part of a module. */
const compile = (snippets: readonly Snippet[]): string => {
  // Inside of the project, because that is where its own name leads to.
  const directory = mkdtempSync(join(PROJECT_ROOT, 'build-test-snippets-'));
  try {
    mkdirSync(join(directory, 'snippets'));
    // What `payhook init` writes is there: tests of handlers and apps of CDK are shown beside it.
    for (const file of ['handlers.ts', 'payhook.config.ts']) {
      cpSync(join(PROJECT_ROOT, 'examples', 'starter', file), join(directory, 'snippets', file));
    }
    snippets.forEach(({ page, text }, index) => {
      const name = `${page.replace(/[^\w]+/g, '-')}-${index}.ts`;
      const isModule = /^(?:import|export) /m.test(text);
      writeFileSync(join(directory, 'snippets', name), isModule ? text : `${text}\nexport {};\n`);
    });
    const compilerOptions = { noUnusedLocals: false, noUnusedParameters: false };
    const project = { extends: '../tsconfig.json', compilerOptions, include: ['snippets'] };
    writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify(project));
    const compiler = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
    return spawnSync(process.execPath, [compiler, '-p', directory, '--pretty', 'false'], { encoding: 'utf8' }).stdout;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
};

describe('TypeScript in the documents', () => {
  test('compiles', () => {
    const snippets = SNIPPETS.filter(({ language }) => language === 'ts');
    expect(snippets.length).toBeGreaterThan(10);
    expect(compile(snippets)).toBe('');
  });

  test('that is wrong would be found', () => {
    const text = "import { on } from 'payhook';\nexport const a = on('payment.suceeded', () => undefined);\n";
    expect(compile([{ page: 'x.md', language: 'ts', text }])).toContain('payment.suceeded');
  });
});

const PROGRAM = createProgram({ ...processContext(), env: {} }, () => undefined, '');
const SCRIPTS: Readonly<Record<string, string>> = JSON.parse(
  readFileSync(join(PROJECT_ROOT, 'package.json'), 'utf8'),
).scripts;

/** Every command in a snippet: a line that calls Payhook or a script, without what its output, its pipe or its comment is. */
const commandsIn = ({ text }: Snippet): readonly string[] =>
  text
    .split('\n')
    .map((line) => line.replace(/^\$ /, '').replace(/^[A-Z_]+=\S+ /, ''))
    .filter((line) => /^(?:npx payhook|bin\/payhook|payhook(?!:)|npm (?:run|start|test))\b/.test(line))
    .map((line) => line.split(/ {2,}| [|<>#] | && /)[0] ?? '');

/** Null when there is such a command. */
const problemOfCommand = (line: string): string | null => {
  const words = line.split(/\s+/).map((word) => word.replace(/^["'](.*)["']$/, '$1'));
  if (words[0] === 'npm') {
    const script = words[1] === 'run' ? (words[2] ?? '') : (words[1] ?? '');
    return script in SCRIPTS ? null : `${line}: there is no script ${script}`;
  }
  const rest = words.slice(words[0] === 'npx' ? 2 : 1);
  let command: Command = PROGRAM;
  const flags: string[] = [];
  let isBelow = true;
  for (const word of rest) {
    if (word.startsWith('-')) flags.push(word.split('=')[0] ?? '');
    else if (isBelow) {
      const next = command.commands.find((one) => one.name() === word);
      isBelow = next !== undefined || flags.length > 0;
      command = next ?? command;
    }
  }
  if (command === PROGRAM && flags.length === 0) return `${line}: there is no such command`;
  const known = [...PROGRAM.options, ...command.options, ...(command.parent?.options ?? [])].flatMap(
    ({ long, short }) => [long, short],
  );
  const unknown = flags.filter((flag) => !known.includes(flag) && flag !== '--help' && flag !== '-h');
  return unknown.length === 0 ? null : `${line}: there is no option ${unknown.join(', ')}`;
};

describe('commands in the documents', () => {
  const commands = SNIPPETS.filter(({ language }) => ['', 'sh', 'console'].includes(language)).flatMap((snippet) =>
    commandsIn(snippet).map((line) => ({ page: snippet.page, line })),
  );

  test('exist, with their options', () => {
    expect(commands.length).toBeGreaterThan(30);
    const problems = commands.flatMap(({ page, line }) => {
      const problem = problemOfCommand(line);
      return problem === null ? [] : [`${page}: ${problem}`];
    });
    expect(problems).toEqual([]);
  });

  test('that are not there would be found', () => {
    expect(problemOfCommand('payhook webhooks list --status received')).toBeNull();
    expect(problemOfCommand('payhook frobnicate')).not.toBeNull();
    expect(problemOfCommand('payhook webhooks list --frobnicate')).not.toBeNull();
    expect(problemOfCommand('npm run frobnicate')).not.toBeNull();
  });
});
