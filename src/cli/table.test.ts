import { describe, expect, test } from 'vitest';
import { tableLines } from './table.ts';

const HEADER = ['RECEIVED', 'STATUS', 'EVENT TYPE', 'WEBHOOK'];
const ROWS = [
  ['2026-11-23T16:55:55.149Z', 'processed', 'payment_intent.succeeded', 'stripe:evt_1FijB3fuJOY2FutCRkdIDZ8X'],
  ['2026-11-23T16:55:54.187Z', 'dead_lettered', 'charge.failed', 'stripe:evt_1bs4T2cdVCNOnSIO5K0XsXYV'],
];

describe('tableLines', () => {
  test('shortens nothing where no person reads, nor where there is room', () => {
    const lines = tableLines(HEADER, ROWS, undefined);
    expect(lines[1]).toBe(
      '2026-11-23T16:55:55.149Z  processed      payment_intent.succeeded  stripe:evt_1FijB3fuJOY2FutCRkdIDZ8X',
    );
    expect(tableLines(HEADER, ROWS, 200)).toEqual(lines);
  });

  test('shortens times and ids when the terminal is narrower', () => {
    expect(tableLines(HEADER, ROWS, 80)).toEqual([
      'RECEIVED        STATUS         EVENT TYPE                WEBHOOK',
      '11-23 16:55:55  processed      payment_intent.succeeded  …RkdIDZ8X',
      '11-23 16:55:54  dead_lettered  charge.failed             …5K0XsXYV',
    ]);
  });

  test('makes a block of each row when even that is too wide, and leaves out what is empty', () => {
    expect(tableLines(HEADER, [['', 'ignored', 'charge.failed', 'stripe:evt_1'], ...ROWS.slice(0, 1)], 60)).toEqual([
      'status ignored  event type charge.failed',
      '  webhook stripe:evt_1',
      'received 11-23 16:55:55  status processed',
      '  event type payment_intent.succeeded  webhook …RkdIDZ8X',
    ]);
  });

  test('sets numbers and amounts below each other by their digits, and leaves ids alone', () => {
    const rows = [
      ['processed', '7', '30.46 USD', '851513'],
      ['failed', '1234', '-', '9'],
      ['failed', '', '12.00 EUR + 500 JPY', '12'],
    ];
    expect(tableLines(['STATUS', 'WEBHOOKS', 'AMOUNT', 'PAYMENT'], rows, undefined)).toEqual([
      'STATUS     WEBHOOKS               AMOUNT  PAYMENT',
      'processed         7            30.46 USD  851513',
      'failed         1234                    -  9',
      'failed               12.00 EUR + 500 JPY  12',
    ]);
  });

  test('sets numbers below each other in the last column, too', () => {
    const rows = [
      ['EUR', '2,498.35'],
      ['USD', '9.00'],
    ];
    expect(tableLines(['CURRENCY', 'LEFT'], rows, 80)).toEqual([
      'CURRENCY      LEFT',
      'EUR       2,498.35',
      'USD           9.00',
    ]);
  });

  test('leaves out columns in which nothing is said, where there is no room for them', () => {
    const rows = [['a', '', '', 'pi_1']];
    expect(tableLines(['NAME', 'WITHOUT AMOUNT', 'GAP', 'PAYMENT'], rows, 20)).toEqual(['NAME  PAYMENT', 'a     pi_1']);
    expect(tableLines(['NAME', 'WITHOUT AMOUNT', 'GAP', 'PAYMENT'], rows, 80)[0]).toContain('GAP');
  });

  test('counts what cannot be printed as it is printed: the columns behind it stay where they are', () => {
    const rows = [
      ['\u202eabc', 'x'],
      ['a', 'y'],
    ];
    expect(tableLines(['NAME', 'B'], rows, 80)).toEqual(['NAME       B', '\\u202eabc  x', 'a          y']);
  });
});
