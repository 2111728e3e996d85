import { expect, test } from 'vitest';
import { commandLine } from './command-line.ts';

test('filters are options of the same name', () => {
  expect(
    commandLine(
      { kind: 'local' },
      ['webhooks', 'list'],
      [
        ['eventType', 'charge.*'],
        ['status', ''],
        ['since', '2h'],
      ],
    ),
  ).toBe("payhook webhooks list --event-type 'charge.*' --since 2h");
});

test('what hides or reverses, or begins a line, is written so that it is seen, and is the same for a shell', () => {
  const line = commandLine({ kind: 'local' }, ['find', "a\u202eb\n'c"]);

  expect(line).toBe("payhook find $'a\\342\\200\\256b\\012\\047c'");
});

test('an id or a value that begins as an option does is none', () => {
  expect(commandLine({ kind: 'local' }, ['destinations', 'entries', '-x'], [['object', '--json']])).toBe(
    'payhook destinations entries --object=--json -- -x',
  );
});

test('a stack is named, and what is pasted into a shell stays one word', () => {
  expect(commandLine({ kind: 'aws', environmentSuffix: 'prod' }, ['find', "a'; rm -rf $HOME"])).toBe(
    "payhook --home aws --environment-suffix prod find 'a'\\''; rm -rf $HOME'",
  );
});
