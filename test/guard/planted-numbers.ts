/** Card numbers, the ways in which they are written, and the question whether a text holds one of them in any of these. */

/** None of them twice in one text: what is left of one after its mask must not look like a piece of another. */
export const NUMBERS = [
  '4716108999716531',
  '5425233430109903',
  '378282246310005',
  '6011000990139424',
  '4929939187355598',
];

const inGroups = (digits: string, size: number, separator: string): string =>
  (digits.match(new RegExp(`.{1,${size}}`, 'g')) ?? []).join(separator);

/** Ways to write a number, by name. */
export const FORMS: Readonly<Record<string, (digits: string) => string>> = {
  bare: (digits) => digits,
  'groups of four': (digits) => inGroups(digits, 4, ' '),
  'two spaces': (digits) => inGroups(digits, 4, '  '),
  'a dash and spaces': (digits) => inGroups(digits, 4, ' - '),
  pairs: (digits) => inGroups(digits, 2, ' '),
  'zero-width': (digits) => inGroups(digits, 4, '\u200b'),
  'full-width': (digits) => [...digits].map((digit) => String.fromCodePoint(0xff10 + Number(digit))).join(''),
  'Arabic-Indic': (digits) => [...digits].map((digit) => String.fromCodePoint(0x660 + Number(digit))).join(''),
  'behind a word': (digits) => `card${digits}`,
  'before a word': (digits) => `_${digits}x`,
  entities: (digits) => [...digits].map((digit) => `&#${digit.charCodeAt(0)};`).join(''),
  'with its expiry': (digits) => `${digits}1230`,
};

/** Resolves what hides digits and takes away what separates them; what bounds values stays. */
const plain = (text: string): string =>
  text
    .replace(/\\+u([0-9a-fA-F]{4})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)))
    .replace(/%([0-9A-Fa-f]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
    .normalize('NFKC')
    .replace(/[\u0660-\u0669]/g, (digit) => String((digit.codePointAt(0) ?? 0) - 0x660))
    .replace(/[\s\p{Cf}._+,/-]/gu, '');

/** The numbers that stand in the text, however they are written; with what stands around them, to be found by. */
export const numbersIn = (text: string, numbers: readonly string[] = NUMBERS): readonly string[] => {
  const digits = plain(text);
  return numbers.flatMap((number) => {
    const at = digits.indexOf(number);
    return at === -1 ? [] : [digits.slice(Math.max(0, at - 60), at + 40)];
  });
};
