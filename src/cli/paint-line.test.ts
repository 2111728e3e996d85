import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { hasColours, paintLine } from './paint-line.ts';

const GREEN = '\u001b[32m';
const RED = '\u001b[31m';

describe('paintLine', () => {
  test('paints outcomes that stand alone, and nothing else of the line', () => {
    const line = '14:03:11  accepted       stripe  charge.succeeded  …5K0XsXYV';
    expect(paintLine(line)).toContain(`${GREEN}accepted\u001b[39m`);
    expect(stripVTControlCharacters(paintLine(line))).toBe(line);
    expect(paintLine('rejected   signature_verification_failed')).toContain(`${RED}rejected`);
  });

  test.each(['{"status":"accepted"}', 'it was accepted and processed', 'charge.failed', 'a  failed-charge  b', ''])(
    'leaves %j as it is',
    (line) => {
      expect(paintLine(line)).toBe(line);
    },
  );

  test('the heading of a table is bold', () => {
    expect(paintLine('RECEIVED  STATUS  EVENT TYPE')).toBe('\u001b[1mRECEIVED  STATUS  EVENT TYPE\u001b[22m');
    expect(paintLine('   #  TIME')).toBe('\u001b[1m   #  TIME\u001b[22m');
  });
});

describe('hasColours', () => {
  test.each([
    [{}, true, true],
    [{}, false, false],
    [{ NO_COLOR: '1' }, true, false],
    [{ NO_COLOR: '' }, true, true],
    [{ NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
    [{ FORCE_COLOR: '1' }, false, true],
    [{ FORCE_COLOR: '0' }, true, false],
    [{ TERM: 'dumb' }, true, false],
  ])('with %j on a terminal (%s): %s', (env, isTerminal, are) => {
    expect(hasColours(env, isTerminal)).toBe(are);
  });
});
