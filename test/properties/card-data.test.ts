/** What holds of the card-data guard for every payload: generated documents, with and without planted card numbers. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { screenCardData } from '../../src/core/card-data/card-data.ts';
import { CARD_GROUPINGS, findCardNumbers } from '../../src/core/card-data/card-numbers.ts';
import { CARD_RANGES, isCardNumber } from '../../src/core/card-data/card-ranges.ts';
import { isSuspicious } from '../../src/core/card-data/suspicion.ts';
import { viewOf } from '../../src/core/card-data/view.ts';
import { runs } from '../support/property-runs.ts';

const RUNS = runs(300);

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array): string => new TextDecoder('utf-8', { fatal: true }).decode(bytes);

const withCheckDigit = (digits: string): string => {
  const complete = Array.from({ length: 10 }, (_, digit) => digits + digit).find((candidate) => {
    const sum = [...candidate].reverse().reduce((total, char, index) => {
      const weighted = Number(char) * (index % 2 === 1 ? 2 : 1);
      return total + (weighted > 9 ? weighted - 9 : weighted);
    }, 0);
    return sum % 10 === 0;
  });
  return complete ?? '';
};

/** A number of any brand, any of its lengths, whose middle is not all zeros (that is what the mask of a number looks like). */
const cardNumber: fc.Arbitrary<string> = fc
  .constantFrom(...CARD_RANGES)
  .chain(({ from, to, lengths }) =>
    fc.record({
      prefix: fc.integer({ min: from, max: to }),
      length: fc.constantFrom(...lengths),
      digits: fc.stringMatching(/^[0-9]{19}$/),
    }),
  )
  .map(({ prefix, length, digits }) => withCheckDigit((prefix + digits).slice(0, length - 1)))
  .filter((digits) => !/^0+$/.test(digits.slice(6, -4)));

const group = (digits: string, sizes: readonly number[], separator: string): string => {
  let start = 0;
  return sizes
    .map((size) => {
      start += size;
      return digits.slice(start - size, start);
    })
    .join(separator);
};

/** The number bare or in any grouping that fits its length. */
const writtenNumber = cardNumber.chain((digits) => {
  const groupings = CARD_GROUPINGS.filter((sizes) => sizes.reduce((sum, size) => sum + size, 0) === digits.length);
  return fc
    .tuple(fc.constantFrom([digits.length], ...groupings), fc.constantFrom(' ', '-', '.', '+'))
    .map(([sizes, separator]) => ({ digits, written: group(digits, sizes, separator) }));
});

const escapeSome = (text: string, mask: readonly boolean[]): string =>
  [...text]
    .map((char, index) => (mask[index % mask.length] ? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}` : char))
    .join('');

interface Planted {
  readonly digits: string;
  /** JSON source text that stands for the value. */
  readonly json: string;
}

const plantedInString: fc.Arbitrary<Planted> = fc
  .tuple(
    writtenNumber,
    fc.constantFrom('', 'card ', 'paid\n', '(', 'é', 'x: "', '50 % '),
    fc.constantFrom('', ' declined', '\n', ')', ' 12/27', '"', ', thanks'),
  )
  .map(([{ digits, written }, before, after]) => ({ digits, json: JSON.stringify(before + written + after) }));

const plantedEscaped: fc.Arbitrary<Planted> = fc
  .tuple(writtenNumber, fc.array(fc.boolean(), { minLength: 1, maxLength: 7 }))
  .map(([{ digits, written }, mask]) => ({ digits, json: `"${escapeSome(written, mask)}"` }));

const plantedAsNumber: fc.Arbitrary<Planted> = cardNumber.map((digits) => ({ digits, json: digits }));

const plantedInJsonInString: fc.Arbitrary<Planted> = fc
  .tuple(fc.oneof(plantedInString, plantedEscaped, plantedAsNumber), fc.integer({ min: 1, max: 3 }))
  .map(([{ digits, json }, levels]) => {
    let nested = json;
    for (let level = 0; level < levels; level += 1) nested = JSON.stringify(`{"id":1,"inner":${nested}}`);
    return { digits, json: nested };
  });

const plantedAsKey: fc.Arbitrary<Planted> = writtenNumber.map(({ digits, written }) => ({
  digits,
  json: JSON.stringify({ [written]: 1 }),
}));

/** Keys under which nothing is exempt, and keys that would be exempt were they not inside of what people choose. */
const openKey = fc.constantFrom('a', 'number', 'value', 'text', 'line1', 'reference', 'custom_id', 'createdBy', 'é"');
const idKey = fc.constantFrom('id', 'payment_id', 'pspReference', 'created_at', 'token');
const chosenKey = fc.constantFrom('metadata', 'additionalData', 'notes', 'custom_data');

const member = (key: string, value: string, filler: unknown): string =>
  `{"before":${JSON.stringify(filler)},${JSON.stringify(key)}:${value},"id":"evt_1"}`;

const plainValue = fc.jsonValue({ maxDepth: 2 }).map((value) =>
  // Doubles may have any digits; what is asked for here are documents that certainly hold no card number.
  JSON.parse(JSON.stringify(value), (_, part) => (typeof part === 'number' ? Math.trunc(part) % 1_000_000 : part)),
);

const documentAround = (value: string): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.array(fc.oneof(openKey, fc.constant('[')), { maxLength: 5 }),
      fc.option(fc.tuple(chosenKey, idKey)),
      plainValue,
    )
    .map(([path, chosen, filler]) => {
      let json = chosen === null ? member('a', value, 1) : member(chosen[0], member(chosen[1], value, 1), 1);
      for (const step of path)
        json = step === '[' ? `[${JSON.stringify(filler)}, ${json} ]` : member(step, json, filler);
      return json;
    });

const plantedDocument = fc
  .oneof(plantedInString, plantedEscaped, plantedAsNumber, plantedInJsonInString, plantedAsKey)
  .chain((planted) => documentAround(planted.json).map((json) => ({ ...planted, document: json })));

/** The text with every escape of every nesting resolved and nothing but its digits and letters kept. */
const simpleForms = (text: string): string => {
  const unescaped = text.replace(/\\+u([0-9a-f]{4})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  return unescaped.replace(/[ .+\-\u00a0]/g, '');
};

const shapeOf = (json: string): unknown =>
  JSON.parse(json, (_, value) => (typeof value === 'object' ? value : typeof value));

describe('screenCardData', () => {
  test('gives back the same object for documents without card data', () => {
    fc.assert(
      fc.property(plainValue, fc.constantFrom('', '  '), (value, indent) => {
        const payload = bytesOf(JSON.stringify(value, null, indent));

        expect(screenCardData(payload).payload).toBe(payload);
      }),
      RUNS,
    );
  });

  test('leaves long numbers alone that no issuer could have given out', () => {
    const noCard = fc.stringMatching(/^[1-9][0-9]{11,15}$/).filter((digits) => !isCardNumber(digits));
    fc.assert(
      fc.property(fc.array(noCard, { minLength: 1 }), (numbers) => {
        const payload = bytesOf(`{"strings":${JSON.stringify(numbers)},"numbers":[${numbers}]}`);

        expect(screenCardData(payload).payload).toBe(payload);
      }),
      RUNS,
    );
  });

  test('masks a planted number of any brand, in any writing, at any path', () => {
    fc.assert(
      fc.property(plantedDocument, ({ digits, document }) => {
        const { payload, findings } = screenCardData(bytesOf(document));

        expect(simpleForms(textOf(payload))).not.toContain(digits);
        // What stands beside a number may make another one with what is left of it.
        expect(findings.cardNumbers).toBeGreaterThan(0);
        expect(findings).toMatchObject({ securityCodes: 0, trackData: 0 });
        expect(simpleForms(document)).toContain(digits);
      }),
      runs(600),
    );
  });

  test('masks a planted number in text that is no JSON', () => {
    fc.assert(
      fc.property(writtenNumber, fc.constantFrom('card=', '<n>', '\u0000', '{"id":'), ({ digits, written }, before) => {
        const { payload, findings } = screenCardData(bytesOf(`${before}${written}\n<`));

        expect(simpleForms(textOf(payload))).toContain(
          `${digits.slice(0, 6)}${'*'.repeat(digits.length - 10)}${digits.slice(-4)}`,
        );
        expect(findings.cardNumbers).toBe(1);
      }),
      RUNS,
    );
  });

  test('keeps JSON valid and of the same shape, length and keys', () => {
    fc.assert(
      fc.property(
        plantedDocument.filter(({ json }) => !json.startsWith('{')),
        ({ document }) => {
          const { payload } = screenCardData(bytesOf(document));

          expect(shapeOf(textOf(payload))).toEqual(shapeOf(document));
          expect(payload).toHaveLength(bytesOf(document).length);
        },
      ),
      RUNS,
    );
  });

  test('finds nothing more in what it has masked', () => {
    fc.assert(
      fc.property(plantedDocument, ({ document }) => {
        const first = screenCardData(bytesOf(document));

        const second = screenCardData(first.payload);

        expect(second.payload).toBe(first.payload);
        expect(second.findings).toEqual({ cardNumbers: 0, securityCodes: 0, trackData: 0 });
      }),
      RUNS,
    );
  });

  test('finds nothing more in what it has masked, whatever pieces stand beside each other', () => {
    const piece = fc.oneof(
      cardNumber,
      fc.stringMatching(/^[0-9]{1,8}$/),
      fc.constantFrom(...' -.+*"\'\\:,=;^?&<>[]{}%_xBD\n'),
      fc.constantFrom(
        '4242',
        '\\u0034',
        '\\n',
        '%20',
        '\\"',
        '"cvc":',
        '"pin":',
        'track2=',
        '"id":',
        '%B',
        '\u00a0',
        'é',
      ),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const payload = bytesOf(pieces.join(''));

        const first = screenCardData(payload);
        const second = screenCardData(first.payload);

        expect(textOf(second.payload)).toBe(textOf(first.payload));
        expect(second.findings).toEqual({ cardNumbers: 0, securityCodes: 0, trackData: 0 });
        expect(first.payload).toHaveLength(payload.length);
      }),
      runs(1500),
    );
  });

  test('never throws and never writes into what it was given, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), cardNumber, (bytes, digits) => {
        const payload = Buffer.concat([bytes, Buffer.from(` ${digits} `), bytes]);
        const before = Buffer.from(payload);

        expect(screenCardData(payload).findings.cardNumbers).toBeGreaterThan(0);
        expect(payload.equals(before)).toBe(true);
      }),
      RUNS,
    );
  });

  test('is asked to look wherever its search would find, however the digits and what stands between them are written', () => {
    const digitForms: readonly ((digit: string) => string)[] = [
      (digit) => digit,
      (digit) => `\\u003${digit}`,
      (digit) => `&#${digit.charCodeAt(0)};`,
      (digit) => `&#x3${digit};`,
      (digit) => `%3${digit}`,
      (digit) => String.fromCodePoint(0xff10 + Number(digit)),
      (digit) => String.fromCodePoint(0x660 + Number(digit)),
      (digit) => String.fromCodePoint(0x1d7ce + Number(digit)),
      (digit) => `\\ud835\\udf${(0xce + Number(digit)).toString(16)}`,
    ];
    const between = fc.constantFrom(
      ...[
        '',
        ' ',
        '  ',
        ' - ',
        '.',
        ',',
        '/',
        '_',
        '\u00a0',
        '\u2009',
        '\u2013',
        '\u200b',
        '\u00ad',
        '%20',
        '%C2%A0',
        '%E2%80%8B',
      ],
      ...[
        '&nbsp;',
        '&ndash;',
        '&zwj;',
        '&#8203;',
        '\\u0020',
        '\\u2013',
        '\\u200b',
        '\\n',
        '\\/',
        '<b>',
        '</b>',
        '<br/>',
        '\\u003cb\\u003e',
        '&lt;b&gt;',
      ],
      ...['\\u0026nbsp;', '\\u0026#8203;', '\\\\n', '%0A', '\r\n', '\ufe0f\u20e3', '\t', '|', '\\'],
    );
    const oddNumber = fc
      .tuple(
        cardNumber,
        fc.constantFrom(1, 2, 4, 19),
        fc.array(fc.constantFrom(...digitForms), { minLength: 19, maxLength: 19 }),
        fc.array(fc.array(between, { maxLength: 2 }), { minLength: 19, maxLength: 19 }),
      )
      .map(([digits, groupSize, forms, gaps]) =>
        [...digits]
          .map((digit, index) => {
            const isLast = index === digits.length - 1 || (index + 1) % groupSize !== 0;
            return (forms[index]?.(digit) ?? '') + (isLast ? '' : (gaps[index] ?? []).join(''));
          })
          .join(''),
      );
    const around = fc.constantFrom('', 'card', 'x ', '"', '\\', '%', '&', '<', '1', 'é', '{"a":"', '<a href="');
    let found = 0;
    fc.assert(
      fc.property(around, oddNumber, around, (before, written, after) => {
        const payload = bytesOf(before + written + after);
        const source = Buffer.from(payload).toString('latin1');
        if (findCardNumbers(viewOf(source).text).length === 0) return;
        found += 1;

        expect(isSuspicious(payload, source)).toBe(true);
      }),
      runs(2000),
    );
    expect(found).toBeGreaterThan(5);
  });
});
