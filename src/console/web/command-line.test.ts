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

test('a stack is named, and what is pasted into a shell stays one word', () => {
  expect(commandLine({ kind: 'aws', environmentSuffix: 'prod' }, ['find', "a'; rm -rf $HOME"])).toBe(
    "payhook --home aws --environment-suffix prod find 'a'\\''; rm -rf $HOME'",
  );
});
