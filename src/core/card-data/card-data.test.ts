import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { describeWithVectors, VECTORS_FOLDER } from '../../../test/support/vectors.ts';
import { adyen } from '../../providers/adyen/adyen.ts';
import { hashedId } from '../hashed-id.ts';
import { screenCardData } from './card-data.ts';
import { CHOSEN_BY_PEOPLE, isChosenByPeople, isIdName } from './fields.ts';

const PAN = '4242424242424242';
const MASKED = '424242******4242';
const NUMBER_MASKED = '4242420000004242';

const latin1 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));
const screened = (text: string): string => Buffer.from(screenCardData(latin1(text)).payload).toString('latin1');
const findings = (text: string) => screenCardData(latin1(text)).findings;

const NOTHING = { cardNumbers: 0, securityCodes: 0, trackData: 0 };

const expectUntouched = (text: string): void => {
  const payload = latin1(text);
  const result = screenCardData(payload);
  expect(Buffer.from(result.payload).toString('latin1')).toBe(text);
  expect(result.payload).toBe(payload);
  expect(result.findings).toEqual(NOTHING);
};

describe('screenCardData: card numbers', () => {
  test.each([
    ['in a string', `{"a":"${PAN}"}`, `{"a":"${MASKED}"}`],
    ['in a sentence', '"card 4242 4242 4242 4242 declined"', '"card 4242 42** **** 4242 declined"'],
    ['after an escaped line break', `{"a":"no:\\n${PAN}\\t"}`, `{"a":"no:\\n${MASKED}\\t"}`],
    ['after an escaped letter', `{"a":"\\u00e9${PAN}"}`, `{"a":"\\u00e9${MASKED}"}`],
    ['as a JSON number', `{"a":${PAN},"b":[${PAN}]}`, `{"a":${NUMBER_MASKED},"b":[${NUMBER_MASKED}]}`],
    ['as a JSON number and nothing else', PAN, NUMBER_MASKED],
    ['as an object key', `{"${PAN}":1}`, `{"${MASKED}":1}`],
    ['with escaped digits', '{"a":"4\\u0032424242\\u0034242424\\u0032"}', '{"a":"4\\u00324242**\\u002a***424\\u0032"}'],
    ['with escaped spaces', '"4242\\u00204242\\u00a04242 4242"', '"4242\\u002042**\\u00a0**** 4242"'],
    ['with escaped hyphens', '{"a":"4242\\u002d4242-4242-4242"}', '{"a":"4242\\u002d42**-****-4242"}'],
    ['in JSON in a string', `{"a":"{\\"b\\":\\"${PAN}\\"}"}`, `{"a":"{\\"b\\":\\"${MASKED}\\"}"}`],
    ['as a number in JSON in a string', `{"a":"{\\"b\\": ${PAN}}"}`, `{"a":"{\\"b\\": ${NUMBER_MASKED}}"}`],
    ['in a form', `id=1&card=${PAN}&x=4242+4242+4242+4242`, `id=1&card=${MASKED}&x=4242+42**+****+4242`],
    ['in an encoded form', 'n%3D4242%204242%204242%204242', 'n%3D4242%2042**%20****%204242'],
    ['in XML', `<id>${PAN}</id>`, `<id>${MASKED}</id>`],
    ['in broken JSON', `{"id":${PAN},`, `{"id":${MASKED},`],
    ['between bytes that are no text', `\xff\x00${PAN}\x80`, `\xff\x00${MASKED}\x80`],
    [
      'with no-break spaces in UTF-8',
      '4242\xc2\xa04242\xc2\xa04242\xc2\xa04242',
      '4242\xc2\xa042**\xc2\xa0****\xc2\xa04242',
    ],
    ['after a percent sign', `"50 %${PAN}"`, `"50 %${MASKED}"`],
  ])('masks a number %s', (_, text, expected) => {
    expect(screened(text)).toBe(expected);
    expect(findings(text).cardNumbers).toBeGreaterThan(0);
  });

  test('masks a number in a list of JSON although it makes a longer one with its neighbour', () => {
    expect(screened('{"a":[400003,4222222222222]}')).toBe('{"a":[400003,4222220002222]}');
    expect(screened(`[4,2,4,2,${PAN},4,2]`)).toBe(`[4,2,4,2,${NUMBER_MASKED},4,2]`);
  });

  test('keeps the decoded length of a string whose digits were escaped', () => {
    const everyDigitEscaped = [...PAN].map((digit) => `\\u003${digit}`).join('');

    expect(JSON.parse(screened(`"${everyDigitEscaped}"`))).toBe(MASKED);
  });

  test('counts what it masked', () => {
    expect(findings(`{"a":"${PAN} and ${PAN}","b":${PAN},"cvc":"123","cvv":1234,"x":";${PAN}=25121010000?"}`)).toEqual({
      cardNumbers: 3,
      securityCodes: 2,
      trackData: 1,
    });
  });

  test('regression: leaves the bytes of the caller alone when they are a Buffer, whose slice is a view', () => {
    const payload = Buffer.from(`{"a":"${PAN}"}`);

    const result = screenCardData(payload);

    expect(payload.toString()).toBe(`{"a":"${PAN}"}`);
    expect(Buffer.from(result.payload).toString()).toBe(`{"a":"${MASKED}"}`);
  });

  test('screens a part of a larger buffer and nothing around it', () => {
    const whole = latin1(`${PAN} {"a":"${PAN}"} ${PAN}`);

    const result = screenCardData(whole.subarray(17, whole.length - 17));

    expect(Buffer.from(result.payload).toString()).toBe(`{"a":"${MASKED}"}`);
  });

  test('takes a number whose hidden digits are zeros for masked', () => {
    expectUntouched('{"a":4000000000000002}');
    expect(screened('{"a":"4000000000000002"}')).toBe('{"a":"400000******0002"}');
  });
});

describe('screenCardData: what only looks like a card number', () => {
  test.each([
    ['an empty payload', ''],
    ['a masked number', `{"card":"${MASKED}","last4":"4242","bin":"424242"}`],
    ['a number inside an id', `{"a":"pi_1a${PAN}","b":"evt_${PAN}b2"}`],
    ['a telephone number', '{"a":"+4222222222222","phone":"+49 1511 2345678"}'],
    ['numbers in a list', '{"a":[4242,4242,4242,4242],"b":[4,2,4,2,4,2,4,2,4,2,4,2,4,2,4,2]}'],
    ['times in words', '{"a":"2024-01-31 10:20:30","b":"30.01.2024 10:20:30"}'],
    ['an epoch', '{"a":1700000000006,"b":1700000000000008,"c":1700000000000000004}'],
    ['a fraction', '{"rate":0.4242424242424242}'],
  ])('leaves %s untouched', (_, text) => {
    expectUntouched(text);
  });

  test.each([
    ['metadata', `{"metadata":{"id":"PAN","order_id":"PAN","deep":[{"event_id":"PAN"}]}}`],
    ['additionalData', `{"additionalData":{"pspReference":"PAN"}}`],
    ['notes', `{"notes":{"token":"PAN"}}`],
    ['an escaped metadata', `{"\\u006detadata":{"id":"PAN"}}`],
    ['fields that merchants name', `{"custom_id":"PAN","invoice_id":"PAN","reference_id":"PAN"}`],
    ['fields of references', `{"merchantReference":"PAN","client_reference_id":"PAN","merchant_order_id":"PAN"}`],
    ['free text', `{"note":"PAN","description":"PAN","note_to_payer":"PAN"}`],
    ['an object under an id', `{"payment_id":{"number":"PAN"}}`],
    ['a key below an id', `{"id":{"PAN":1}}`],
    ['telephone numbers', `{"phone":"PAN"}`],
    ['an amount in a string', `{"amount":"PAN"}`],
    ['a very long name', `{"${'x'.repeat(80)}_id":"PAN"}`],
    [
      'what is called a token, a time, a fingerprint',
      `{"card_token":"PAN","lead_time":"PAN","fingerprint":"PAN","paid_at":"PAN"}`,
    ],
    ['acquirer references', `{"arn":"PAN","acquirer_reference_number":"PAN"}`],
  ])('screens %s', (_, template) => {
    expect(screened(template.replaceAll('PAN', PAN))).toBe(template.replaceAll('PAN', MASKED));
  });

  test.each([
    ['id', PAN],
    ['card_id', PAN],
    ['orderId', `card-${PAN}`],
    ['order_ids', '4242 4242 4242 4242'],
    ['nationalId', 'é4242424242424242'],
  ])('puts the hash in the place of the id %s', (name, id) => {
    expect(JSON.parse(screened(JSON.stringify({ a: 1, [name]: id, b: 2 })))).toMatchObject({ a: 1, b: 2 });
    const payload = Buffer.from(
      screenCardData(Buffer.from(JSON.stringify({ [name]: id, x: [{ [name]: id }] }))).payload,
    );
    expect(JSON.parse(payload.toString())).toEqual({ [name]: hashedId(id), x: [{ [name]: hashedId(id) }] });
  });

  test('masks ids that people choose, and goes back to hashing after a chosen object has ended', () => {
    const text = `[{"metadata":{"a":[{"id":"${PAN}"}]},"id":"${PAN}"},{"x":"}]{","id":"${PAN}"}]`;

    expect(screened(text)).toBe(
      `[{"metadata":{"a":[{"id":"${MASKED}"}]},"id":"${hashedId(PAN)}"},{"x":"}]{","id":"${hashedId(PAN)}"}]`,
    );
  });

  test('an id that is a JSON number stays a number', () => {
    expect(screened(`{"id":${PAN}}`)).toBe(`{"id":${NUMBER_MASKED}}`);
  });

  test('leaves a reference untouched where its provider alone makes it, in its shape, and nowhere else', () => {
    const reference = '8600123456789012';
    const item = (fields: object) =>
      latin1(JSON.stringify({ notificationItems: [{ NotificationRequestItem: fields }] }));
    const found = (body: Uint8Array, exemptions = adyen.cardDataExemptions) =>
      screenCardData(body, exemptions).findings.cardNumbers;

    expect(found(item({ pspReference: reference, originalReference: reference }))).toBe(0);
    expect(found(item({ pspReference: reference, originalReference: reference }), [])).toBe(2);
    expect(found(item({ pspReference: PAN }))).toBe(1);
    expect(found(item({ pspReference: `card ${reference}` }))).toBe(1);
    expect(found(item({ merchantReference: reference, additionalData: { pspReference: reference } }))).toBe(2);
    expect(found(latin1(JSON.stringify({ pspReference: reference })))).toBe(1);
  });

  test('says a reason for every rule', () => {
    for (const rule of CHOSEN_BY_PEOPLE) expect(rule.reason.length).toBeGreaterThan(10);
  });

  test('tells names apart that resemble each other', () => {
    expect(['paid', 'valid', 'number', 'idea', 'invoice_id'].some(isIdName)).toBe(false);
    expect(['id', 'orderIds', 'customer_id', 'pspReference'].every(isIdName)).toBe(true);
    expect(['merchant_id', 'merchantAccountCode', 'customer_id'].some(isChosenByPeople)).toBe(false);
  });
});

describe('screenCardData: security codes and PINs', () => {
  test.each([
    ...['cvc', 'CVC', 'cvv', 'cvv2', 'cvc2', 'cid', 'csc', 'cvn', 'cvd', 'cvcCode', 'cvv_code', 'security_code'],
    ...['securityCode', 'card_security_code', 'card_verification_value', 'cardVerificationCode', 'verification_value'],
    ...['card_cvc', 'card-cvv', 'cardCode', 'cvv_number', 'cav2', 'encryptedSecurityCode'],
    ...['cvc2_value', 'cvcNo', 'security_number', 'cvv2Number'],
  ])('masks the value of %s alone in a payload', (name) => {
    expect(screened(`{"${name}":"123"}`)).toBe(`{"${name}":"***"}`);
    expect(screened(`{"${name}": 1234}`)).toBe(`{"${name}": 0   }`);
    expect(findings(`{"${name}":"123"}`)).toEqual({ ...NOTHING, securityCodes: 1 });
  });

  test.each([
    ['in a form', 'card[cvc]=123&cvc=1234', 'card[cvc]=***&cvc=****'],
    ['in an encoded form', 'card%5Bcvc%5D=123', 'card%5Bcvc%5D=***'],
    ['in XML', '<ns:cvc>123</ns:cvc><a cvv="1234"/>', '<ns:cvc>***</ns:cvc><a cvv="****"/>'],
    ['in text', '"declined, cvv: 123."', '"declined, cvv: ***."'],
    ['in a sentence', '"CVV 123, CVC is 1234, cvc no. 123"', '"CVV ***, CVC is ****, cvc no. ***"'],
    ['in words', '"the security code is 123; Security Code 1234"', '"the security code is ***; Security Code ****"'],
    ['digit by digit', '{"cvc":"1 2 3","x":"cvv: 1-2-3-4"}', '{"cvc":"* * *","x":"cvv: *-*-*-*"}'],
    ['that is a PIN in a sentence', '"PIN 1234, my pin is 1234"', '"PIN ****, my pin is ****"'],
    [
      'in JSON in a string',
      '{"a":"{\\"cvc\\":\\"123\\",\\"cvv\\":123}"}',
      '{"a":"{\\"cvc\\":\\"***\\",\\"cvv\\":0  }"}',
    ],
    ['with an escaped name and value', '{"\\u0063vc":"12\\u0033"}', '{"\\u0063vc":"**\\u002a"}'],
    ['pretty-printed', '{\n  "cvc" : "123"\n}', '{\n  "cvc" : "***"\n}'],
    ['in broken JSON', '{"cvc":123,', '{"cvc":***,'],
    ['in an array', '{"cvc":["123"]}', '{"cvc":["***"]}'],
    ['that is a PIN', '{"pin":"1234","cardPin":"123456"}', '{"pin":"****","cardPin":"******"}'],
    ['that is a PIN as a number', '{"pin":123456}', '{"pin":0     }'],
    ['that is a PIN block', '{"pin_block":"A412AC89ABCDEF67"}', '{"pin_block":"****************"}'],
  ])('masks a code %s', (_, text, expected) => {
    expect(screened(text)).toBe(expected);
    expect(findings(text).securityCodes).toBeGreaterThan(0);
  });

  test('masks the whole of a card number that was typed into the field of the code', () => {
    expect(screened('{"cvc":"4242 4242 4242 4242"}')).toBe('{"cvc":"**** 42** **** 4242"}');
  });

  test.each([
    ['a result', '{"cvc_check":"pass","cvcResult":"1 Matches","cvcResultRaw":"M","cvv_result":"123"}'],
    ['nothing', '{"cvc":null,"cvv":"","csc":false}'],
    ['a code of another length', '{"cvc":"12","cvv":"12345","cvc2":123.5}'],
    ['a postal code', '{"shopping_pin_code":"560001","pin_code":"560001","pincode":560001}'],
    ['words that contain a name', '{"shipping":1234,"spin":1234,"opinion":"1234","placid":"1234","pinned":1234}'],
    ['another kind of code', '{"code":"1234","giftCardCode":"1234","error_code":4000,"zip_code":"1234","value":123}'],
    ['a value that is named so', '{"type":"cvc","amount":123}'],
    ['an already masked code', '{"cvc":"***","pin":"****","cvv":0}'],
  ])('leaves %s untouched', (_, text) => {
    expectUntouched(text);
  });
});

describe('screenCardData: track data', () => {
  test.each([
    ['track 1', `%B${PAN}^DOE/JOHN^25121010000000000?`, `**${MASKED}${'*'.repeat(28)}`],
    ['track 1 with an escaped slash', `{"a":"%B${PAN}^DOE\\/J^2512?"}`, `{"a":"**${MASKED}${'*'.repeat(13)}"}`],
    ['track 1 with a name beyond ASCII', `"B${PAN}^J\xc3\x89^2512"`, `"*${MASKED}${'*'.repeat(9)}"`],
    ['track 2', `{"a":";${PAN}=25121010000012300000?"}`, `{"a":"*${MASKED}${'*'.repeat(22)}"}`],
    ['track 2 without sentinels', `{"a":"${PAN}=25121010000"}`, `{"a":"${MASKED}${'*'.repeat(12)}"}`],
    ['track 2 of a chip', `{"a":"${PAN}D25121010000F"}`, `{"a":"${MASKED}${'*'.repeat(13)}"}`],
    ['a field of track data', `{"track2":"9999999999999=25121"}`, `{"track2":"${'*'.repeat(19)}"}`],
    ['a field of a stripe', `<magstripe>x9999999999999^A\xff</magstripe>`, `<magstripe>${'*'.repeat(17)}</magstripe>`],
  ])('masks %s', (_, text, expected) => {
    expect(screened(text)).toBe(expected);
    expect(findings(text)).toEqual({ ...NOTHING, trackData: 1 });
  });

  test.each([
    ['a song', '{"track1":"Never Gonna Give You Up","track":"12"}'],
    ['a tracking number', '{"tracking_number":"9999999999999"}'],
    ['a numeric form field', '1234567890123=12345678'],
  ])('leaves %s untouched', (_, text) => {
    expectUntouched(text);
  });

  test('treats a bare number under a track name as a card number', () => {
    expect(screened(`{"track":${PAN}}`)).toBe(`{"track":${NUMBER_MASKED}}`);
  });
});

describe('screenCardData: bounds', () => {
  const MIB = 1024 * 1024;

  test.each([
    ['digits', '4'.repeat(MIB)],
    ['open objects', '{"a":'.repeat(MIB / 5)],
    ['objects in objects around a number', `${'{"a":'.repeat(150_000)}"${PAN}"${'}'.repeat(150_000)}`],
    ['spaces between two digits', `4${' '.repeat(MIB - 2)}4`],
    ['digits with spaces', '4 '.repeat(MIB / 2)],
    ['card numbers', `${PAN} `.repeat(MIB / 17)],
    ['card numbers in JSON', JSON.stringify(Array(50_000).fill(PAN))],
    ['backslashes', `${PAN}"cvc":1${'\\'.repeat(MIB)}`],
    ['escaped quotes', `"${PAN}${'\\"'.repeat(MIB / 2)}"`],
    ['names of codes', 'cvc:'.repeat(MIB / 4)],
    ['a name and spaces', `cvc:123 cvc${' '.repeat(MIB)}`],
    ['names of tracks', `cvc:123 ${'track1:'.repeat(MIB / 7)}`],
    ['starts of tracks', `B${PAN}^`.repeat(MIB / 18)],
    ['percent escapes', '%20'.repeat(MIB / 3)],
    ['digits in percent escapes', '%34'.repeat(MIB / 3)],
    ['entities', '&#52;'.repeat(MIB / 5)],
    ['ampersands', '4&'.repeat(MIB / 2)],
    ['tags', '4<b>'.repeat(MIB / 4)],
    ['beginnings of tags', `4${'<a'.repeat(MIB / 2)}`],
    ['pairs of digits', '42 '.repeat(MIB / 3)],
    ['full-width digits', Buffer.from('４'.repeat(MIB / 3)).toString('latin1')],
    ['a letter after a number', `${PAN}${'a'.repeat(MIB)}`],
  ])('stays linear over a mebibyte of %s', (_, text) => {
    const payload = latin1(text);

    // A quadratic search would take minutes, and end at the test's time limit; the slowest of these takes a third of a second.
    const result = screenCardData(payload);

    expect(result.payload).toHaveLength(payload.length);
  });
});

describeWithVectors('screenCardData: real deliveries', () => {
  test.each(readdirSync(VECTORS_FOLDER).filter((name) => name.endsWith('.json')))(
    'leaves every body of %s untouched',
    (file) => {
      const { vectors } = JSON.parse(readFileSync(join(VECTORS_FOLDER, file), 'utf8')) as {
        vectors: { body: string }[];
      };

      expect(vectors.length).toBeGreaterThan(0);
      for (const { body } of vectors) {
        const payload = new TextEncoder().encode(body);
        const result = screenCardData(payload);
        expect(result.findings).toEqual(NOTHING);
        expect(result.payload).toBe(payload);
      }
    },
  );
});
