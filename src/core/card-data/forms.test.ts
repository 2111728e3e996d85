/** The ways in which people and machines write a card number, each in every place of a payload. */
import { describe, expect, test } from 'vitest';
import { screenCardData } from './card-data.ts';

const PAN = '4242424242424242';

const inGroups = (size: number, separator: string): string =>
  (PAN.match(new RegExp(`.{1,${size}}`, 'g')) ?? []).join(separator);
/** In the digits that begin with this zero. */
const inDigitsFrom = (zero: number): string =>
  [...PAN].map((digit) => String.fromCodePoint(zero + Number(digit))).join('');
const eachDigit = (write: (code: number) => string): string =>
  [...PAN].map((digit) => write(digit.charCodeAt(0))).join('');

const FORMS: readonly (readonly [string, string])[] = [
  ['thin spaces', inGroups(4, '\u2009')],
  ['narrow no-break spaces', inGroups(4, '\u202f')],
  ['ideographic spaces', inGroups(4, '\u3000')],
  ['en dashes', inGroups(4, '\u2013')],
  ['no-break hyphens', inGroups(4, '\u2011')],
  ['minus signs', inGroups(4, '\u2212')],
  ['bullets', inGroups(4, ' \u2022 ')],
  ['zero-width spaces', inGroups(4, '\u200b')],
  ['zero-width joiners between all digits', inGroups(1, '\u200d')],
  ['soft hyphens', inGroups(4, '\u00ad')],
  ['full-width digits', inDigitsFrom(0xff10)],
  ['Arabic-Indic digits', inDigitsFrom(0x660)],
  ['Persian digits', inDigitsFrom(0x6f0)],
  ['Devanagari digits', inDigitsFrom(0x966)],
  ['mathematical digits', inDigitsFrom(0x1d7ce)],
  ['keys of a telephone', eachDigit((code) => `${String.fromCharCode(code)}\ufe0f\u20e3`)],
  ['markup', '4242<b>42</b><i>42</i>42424242'],
  ['lines of HTML', inGroups(4, '<br/>')],
  ['entities', eachDigit((code) => `&#${code};`)],
  ['hexadecimal entities', eachDigit((code) => `&#x${code.toString(16)};`)],
  ['entities of spaces', inGroups(4, '&nbsp;')],
  ['percent-encoding', eachDigit((code) => `%${code.toString(16)}`)],
  ['percent-encoded spaces', inGroups(4, '%C2%A0')],
  ['percent-encoded full-width digits', encodeURIComponent(inDigitsFrom(0xff10))],
  ['a sentence of another script', `\u5361\u53f7${PAN}\u8c22`],
];

const PLACES: readonly (readonly [string, (form: string) => string])[] = [
  ['a string', (form) => JSON.stringify({ note: `paid ${form}, ok` })],
  [
    'escapes',
    (form) =>
      JSON.stringify({ note: form }).replace(
        /[^ -~]/g,
        (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
      ),
  ],
  [
    'escapes of HTML',
    (form) => JSON.stringify({ note: form }).replace(/[<>&]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`),
  ],
  ['JSON in JSON', (form) => JSON.stringify({ a: JSON.stringify({ note: form }) })],
  ['no JSON', (form) => `note: ${form}\n`],
];

describe('screenCardData: ways to write a number', () => {
  describe.each(PLACES)('in %s', (_, place) => {
    test.each(FORMS)('masks a number with %s', (_name, form) => {
      const payload = Buffer.from(place(form));

      const { payload: masked, findings } = screenCardData(payload);

      expect(findings.cardNumbers).toBe(1);
      expect(masked).toHaveLength(payload.length);
      expect(screenCardData(masked).payload).toBe(masked);
      if (payload.toString().startsWith('{')) expect(() => JSON.parse(Buffer.from(masked).toString())).not.toThrow();
    });
  });

  test('takes none of 100,000 times in microseconds for a number', () => {
    const times = Array.from({ length: 100_000 }, (_, index) => 1_600_000_000_000_000 + index * 4_003_001_237);

    expect(screenCardData(Buffer.from(JSON.stringify({ times, texts: times.map(String) }))).findings.cardNumbers).toBe(
      0,
    );
  });
});
