import { describe, expect, test } from 'vitest';
import { csvLines } from './csv.ts';

describe('CSV', () => {
  test('is a line of names and one for each record, with quotes where they are needed', () => {
    const records = [
      { id: 'a', text: 'one, "two"', count: 2, none: null },
      { id: 'b', text: 'line\nbreak', count: -3, none: undefined },
    ];

    expect(csvLines(records)).toEqual(['id,text,count,none', 'a,"one, ""two""",2,', 'b,"line\nbreak",-3,']);
  });

  test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\n=1', '＝1+1', '＋1', '－1', '＠SUM(A1)'])(
    'gives %j a quote, so that no spreadsheet computes it',
    (text) => {
      expect(csvLines([{ text }])[1]?.replace(/^"/, '')).toMatch(/^'/);
    },
  );

  test.each(['a;=1+1', 'a\t=1+1', 'a,=1+1', 'a\n=1+1'])(
    'keeps %j one cell, whatever a spreadsheet takes for the end of one',
    (text) => {
      expect(csvLines([{ text }])[1]).toBe(`"${text}"`);
    },
  );

  test('leaves numbers of ours as they are, below zero too', () => {
    expect(csvLines([{ amount: -5 }])).toEqual(['amount', '-5']);
  });

  test('writes an amount as a number where the record names its currency, and with its currency where it does not', () => {
    const usd = (minor: string) => ({ minor, currency: 'USD', exponent: 2 });
    const kwd = { minor: '1', currency: 'KWD', exponent: 3 };
    const record = { currency: 'USD', captured: usd('123456'), net: usd('-5'), fee: kwd, fees: [usd('30')], none: [] };

    expect(csvLines([record])).toEqual(['currency,captured,net,fee,fees,none', 'USD,1234.56,-0.05,0.001 KWD,0.30,']);
    expect(csvLines([{ money: [usd('10000'), kwd] }])).toEqual(['money', '100.00 USD + 0.001 KWD']);
    expect(csvLines([{ money: usd('10000') }])).toEqual(['money', '100.00 USD']);
  });

  test('writes lists and objects as JSON, and an empty list as nothing', () => {
    expect(csvLines([{ ids: ['a', 'b'], none: [] }])).toEqual(['ids,none', '"[""a"",""b""]",']);
  });

  test('has a column for what only some records have, before the last of the first', () => {
    expect(
      csvLines([
        { id: 1, cursor: 'a' },
        { id: 2, more: 3, cursor: 'b' },
      ]),
    ).toEqual(['id,more,cursor', '1,,a', '2,3,b']);
  });

  test('is empty without records', () => {
    expect(csvLines([])).toEqual([]);
  });
});
