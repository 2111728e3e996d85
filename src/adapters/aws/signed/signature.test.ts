/** The signer against cases of AWS's own test suite: https://docs.aws.amazon.com/IAM/latest/UserGuide/signature-v4-test-suite.html */
import aws4, { type Request } from 'aws4';
import { describe, expect, test } from 'vitest';

const CREDENTIALS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const TOKEN =
  'AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==';

interface Case {
  readonly name: string;
  readonly request: Pick<Request, 'headers' | 'body' | 'path' | 'method'>;
  readonly sessionToken?: string;
  readonly signedHeaders: string;
  readonly signature: string;
}

const CASES: readonly Case[] = [
  {
    name: 'post-vanilla',
    request: {},
    signedHeaders: 'host;x-amz-date',
    signature: '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
  },
  {
    name: 'post-header-key-sort',
    request: { headers: { 'My-Header1': 'value1' } },
    signedHeaders: 'host;my-header1;x-amz-date',
    signature: 'c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c',
  },
  {
    name: 'post-x-www-form-urlencoded',
    request: { headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body: 'Param1=value1' },
    signedHeaders: 'content-type;host;x-amz-date',
    signature: 'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
  },
  {
    name: 'post-sts-header-before',
    request: {},
    sessionToken: TOKEN,
    signedHeaders: 'host;x-amz-date;x-amz-security-token',
    signature: '85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead',
  },
  {
    name: 'get-vanilla',
    request: { method: 'GET' },
    signedHeaders: 'host;x-amz-date',
    signature: '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
  },
];

describe('the signer', () => {
  test.each(CASES)('signs as AWS does: $name', ({ request, sessionToken, signedHeaders, signature }) => {
    const signed: Request & { readonly extraHeadersToIgnore: Readonly<Record<string, boolean>> } = {
      method: 'POST',
      path: '/',
      host: 'example.amazonaws.com',
      service: 'service',
      region: 'us-east-1',
      ...request,
      headers: { ...request.headers, 'X-Amz-Date': '20150830T123600Z' },
      // The test suite leaves out the length, which HTTP has anyway.
      extraHeadersToIgnore: { 'content-length': true },
    };

    const { headers } = aws4.sign(signed, { ...CREDENTIALS, ...(sessionToken === undefined ? {} : { sessionToken }) });

    expect(headers?.Authorization).toBe(
      `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=${signedHeaders}, Signature=${signature}`,
    );
  });
});
