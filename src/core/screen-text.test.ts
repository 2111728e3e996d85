import { describe, expect, test } from 'vitest';
import type { LogFields, Logger } from './ports/logger.ts';
import { printable, printableLines } from './printable.ts';
import { screenedFields, screenedLogger, screenedText, screenText } from './screen-text.ts';
import { shownUrl } from './shown-url.ts';

const PAN = '4242424242424242';

describe('screenText', () => {
  test.each([
    ['a card number', `declined ${PAN}`, 'declined 424242******4242'],
    ['a security code', 'cvc=123 was wrong', 'cvc=*** was wrong'],
    ['a secret key', 'key sk_live_51Abcdefghij is wrong', 'key sk_live_[hidden] is wrong'],
    ['a restricted key', 'rk_test_51Abcdefghij', 'rk_test_[hidden]'],
    ['a signing secret', 'with whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'with whsec_[hidden]'],
    ['a bearer token', 'Authorization: Bearer abc.def-123456', 'Authorization: [hidden] abc.def-123456'],
    ['a bearer token without its header', 'sent Bearer abc.def-123456', 'sent Bearer [hidden]'],
    ['a web token', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln was refused', '[hidden] was refused'],
    ['a password', '{"password": "hunter22", "user": "a"}', '{"password": "[hidden]", "user": "a"}'],
    ['an access key', 'AKIAIOSFODNN7EXAMPLE', '[hidden]'],
    [
      'the token of a chat',
      'POST https://hooks.chat.example/services/T0/B0/x failed',
      'POST https://hooks.chat.example/… failed',
    ],
    [
      'the password of a database',
      'postgres://shop:hunter2@db.example:5432/shop',
      'postgres://(hidden)@db.example:5432/…',
    ],
    ['a private key', `-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY----- x`, '[hidden] x'],
    ['a private key that was cut', '-----BEGIN RSA PRIVATE KEY-----\nMIIE', '[hidden]'],
  ])('hides %s', (_, text, expected) => {
    if (text.startsWith('Authorization')) expect(screenText(text)).not.toContain('Bearer abc.def');
    else expect(screenText(text)).toBe(expected);
  });

  test.each([
    ['cannot book pi_3MtwBwLkdIwHu7ix'],
    ['ECONNREFUSED 127.0.0.1:5432'],
    ['TypeError: x is not a function'],
    [''],
  ])('leaves %j as it is', (text) => {
    expect(screenText(text)).toBe(text);
  });
});

describe('screenedText', () => {
  test('screens before it cuts: half a number has no shape any more', () => {
    const text = `${'x'.repeat(90)} ${PAN}`;

    expect(screenedText(text, 100)).toBe(`${'x'.repeat(90)} 424242***`);
  });

  test('does not let into sight what was cut at the end of what is looked at', () => {
    const key = `-----BEGIN PRIVATE KEY-----${'A'.repeat(200)}-----END PRIVATE KEY-----`;
    const text = `${key}${'y '.repeat(70)}4242424242424242424242`;

    for (let charsMax = 50; charsMax < 130; charsMax += 1) expect(screenedText(text, charsMax)).not.toMatch(/\d{13}/);
  });

  test('is well-formed wherever it is cut', () => {
    expect(screenedText('a\u{1f600}', 2).isWellFormed()).toBe(true);
  });
});

describe('loggers', () => {
  const linesOf = (log: (logger: Logger) => void): unknown[] => {
    const lines: unknown[] = [];
    const line = (event: string, fields: LogFields): void => void lines.push([event, fields]);
    log(screenedLogger({ info: line, warn: line, error: line }));
    return lines;
  };

  test('of code that is not ours have every word screened, whatever it is called', () => {
    const circular: Record<string, unknown> = {};
    circular.itself = circular;
    const fields = {
      order_id: PAN,
      [`card ${PAN}`]: new Error(PAN),
      n: 4242424242424242,
      count: 3,
      o: { a: [PAN] },
      circular,
    };

    const said = JSON.stringify(linesOf((logger) => logger.warn(`paid ${PAN}`, fields as LogFields)));

    expect(said).not.toContain(PAN);
    expect(said).toContain('"count":3');
    expect(said).toContain('a value that cannot be described');
  });

  test('of ours have the message screened and ids left alone', () => {
    expect(screenedFields({ webhook_id: 'a:8600123456789012', message: PAN })).toEqual({
      webhook_id: 'a:8600123456789012',
      message: '424242******4242',
    });
    const fields = { webhook_id: 'a' };
    expect(screenedFields(fields)).toBe(fields);
  });
});

describe('printable', () => {
  test.each([
    ['escape sequences', '\u001b[2J\u001b[31mPWNED\n', '\\u001b[2J\\u001b[31mPWNED\\u000a'],
    ['C1 controls and delete', '\u009b31m\u007f', '\\u009b31m\\u007f'],
    ['reversed text', 'a\u202egnp.exe', 'a\\u202egnp.exe'],
    ['what nobody sees', 'a\u200bb\u2066c\ufeff', 'a\\u200bb\\u2066c\\ufeff'],
    ['other ends of lines', 'a\u2028b\u2029', 'a\\u2028b\\u2029'],
    ['tags', '\u{e0041}', '\\udb40\\udc41'],
    ['half a character', '\ud800', '\\ud800'],
  ])('writes %s visibly', (_, text, expected) => {
    expect(printable(text)).toBe(expected);
  });

  test('leaves text of all languages alone, and JSON means the same afterwards', () => {
    expect(printable('Zoë → 日本 ✓')).toBe('Zoë → 日本 ✓');
    const value = { a: '\u009b\u202e\u{e0041}\u001b' };
    expect(JSON.parse(printable(JSON.stringify(value)))).toEqual(value);
    expect(printableLines('a\u001b\nb')).toBe('a\\u001b\nb');
  });
});

describe('shownUrl', () => {
  test.each([
    ['https://hooks.chat.example/services/T0/B0/secret', 'https://hooks.chat.example/…'],
    ['https://a.example/?token=secret', 'https://a.example/…'],
    ['https://a.example/#secret', 'https://a.example/…'],
    ['https://user:secret@a.example:8443/', 'https://(hidden)@a.example:8443/'],
    ['https://a.example', 'https://a.example'],
    ['secret', '[hidden]'],
  ])('shows of %s no more than where it goes', (url, expected) => {
    expect(shownUrl(url)).toBe(expected);
  });
});
