/** The signer against cases of AWS's own test suite: https://docs.aws.amazon.com/IAM/latest/UserGuide/signature-v4-test-suite.html */
import aws4 from 'aws4';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSigner } from './signature.ts';

const CREDENTIALS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const TOKEN =
  'AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==';

interface Case {
  readonly name: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signedHeaders: string;
  readonly signature: string;
}

const CASES: readonly Case[] = [
  {
    name: 'post-vanilla',
    headers: {},
    signedHeaders: 'host;x-amz-date',
    signature: '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
  },
  {
    name: 'post-header-key-sort',
    headers: { 'my-header1': 'value1' },
    signedHeaders: 'host;my-header1;x-amz-date',
    signature: 'c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c',
  },
  {
    name: 'post-x-www-form-urlencoded',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'Param1=value1',
    signedHeaders: 'content-type;host;x-amz-date',
    signature: 'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
  },
  {
    name: 'post-sts-header-before',
    headers: { 'x-amz-security-token': TOKEN },
    signedHeaders: 'host;x-amz-date;x-amz-security-token',
    signature: '85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead',
  },
];

const HOST = 'example.amazonaws.com';

describe('the signer', () => {
  test.each(CASES)('signs as AWS does: $name', ({ headers, body = '', signedHeaders, signature }) => {
    const sign = createSigner({ region: 'us-east-1', ...CREDENTIALS });
    const request = { service: 'service', headers: { host: HOST, 'x-amz-date': '20150830T123600Z', ...headers }, body };
    const expected = `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=${signedHeaders}, Signature=${signature}`;

    expect(sign(request)).toBe(expected);
    // With the key that is known by now.
    expect(sign(request)).toBe(expected);
  });

  test('signs whatever is sent, on whatever day, as another signer does', () => {
    const sign = createSigner({ region: 'us-east-1', ...CREDENTIALS });
    const at = fc.date({ min: new Date('2020-01-01'), max: new Date('2099-12-31'), noInvalidDate: true });
    const service = fc.constantFrom('dynamodb', 'sqs', 'kms', 'secretsmanager');
    const token = fc.option(fc.base64String({ minLength: 4 }));
    fc.assert(
      fc.property(service, at, fc.string({ unit: 'grapheme' }), token, (name, date, body, sessionToken) => {
        const headers = {
          'content-type': 'application/x-amz-json-1.0',
          'content-length': String(Buffer.byteLength(body)),
          'x-amz-date': date.toISOString().replace(/[:-]|\.\d{3}/g, ''),
          ...(sessionToken === null ? {} : { 'x-amz-security-token': sessionToken }),
        };
        const other = aws4.sign(
          { method: 'POST', host: HOST, path: '/', service: name, region: 'us-east-1', headers: { ...headers }, body },
          CREDENTIALS,
        );

        const signed = sign({ service: name, headers: { host: HOST, ...headers }, body });
        expect(signed).toBe(other.headers?.Authorization);
      }),
    );
  });
});
