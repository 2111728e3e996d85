import { afterEach, describe, expect, test, vi } from 'vitest';
import { issueCertificates } from '../../src/adapters/file/issue-certificates.ts';
import { createHttpCertificateSource } from '../../src/adapters/http/http-certificate-source.ts';
import { LIMITS } from '../../src/core/limits.ts';
import { NOW } from '../support/clock.ts';
import { CERTIFICATE_SOURCES } from './certificate-source-adapters.ts';
import { describeCertificateSource } from './certificate-source-contract.ts';

const { leafPem } = await issueCertificates({
  now: NOW,
  commonName: 'messageverificationcerts.sandbox.paypal.com',
  daysValid: 90,
});

/** The cache measures by `performance.now()` and looks at it once in a millisecond: the timer outlasts that look. */
const passTime = async (ms: number): Promise<void> => {
  const at = performance.now() + ms;
  vi.spyOn(performance, 'now').mockReturnValue(at);
  await new Promise((resolve) => setTimeout(resolve, 5));
};

afterEach(() => {
  vi.restoreAllMocks();
});

for (const { name, open, ...options } of CERTIFICATE_SOURCES) {
  describeCertificateSource(name, open, { ...options, pem: leafPem, passTime });
}

const urlOf = (number: number): string => `https://api.paypal.com/v1/notifications/certs/CERT-${number}`;

describe('createHttpCertificateSource', () => {
  test('asks for exactly the URL that it was given', async () => {
    const asked: string[] = [];
    const source = createHttpCertificateSource({
      fetch: async (input) => {
        asked.push(String(input));
        return new Response(leafPem);
      },
    });

    await source.fetch(urlOf(1));

    expect(asked).toEqual([urlOf(1)]);
  });

  test('remembers a bounded number of certificates', async () => {
    let fetches = 0;
    const source = createHttpCertificateSource({
      fetch: async () => {
        fetches += 1;
        return new Response(leafPem);
      },
    });
    for (let number = 0; number <= LIMITS.certificatesCachedMax; number += 1) await source.fetch(urlOf(number));
    const before = fetches;

    await source.fetch(urlOf(LIMITS.certificatesCachedMax));
    expect(fetches).toBe(before);
    await source.fetch(urlOf(0));
    expect(fetches).toBe(before + 1);
  });

  test.each([
    { title: 'throws', fetch: () => Promise.reject(new TypeError('fetch failed')) },
    { title: 'throws what is no error', fetch: () => Promise.reject('broken') },
    {
      title: 'throws before it returns a promise',
      fetch: (): Promise<Response> => {
        throw new RangeError('broken');
      },
    },
  ])('says unavailable when fetch $title', async ({ fetch }) => {
    expect((await createHttpCertificateSource({ fetch }).fetch(urlOf(1))).outcome).toBe('unavailable');
  });

  test('asks for a bounded number of certificates at once, and for more when those have come', async () => {
    const answers: PromiseWithResolvers<Response>[] = [];
    const source = createHttpCertificateSource({
      fetch: () => {
        const answer = Promise.withResolvers<Response>();
        answers.push(answer);
        return answer.promise;
      },
    });

    const fetching = Array.from({ length: 20 }, (_, number) => source.fetch(urlOf(number)));
    const asked = answers.length;
    for (const answer of answers) answer.resolve(new Response(leafPem));

    const outcomes = (await Promise.all(fetching)).map((result) => result.outcome);
    expect(asked).toBeLessThan(20);
    expect(outcomes.filter((outcome) => outcome === 'found')).toHaveLength(asked);
    const later = source.fetch(urlOf(19));
    answers.at(-1)?.resolve(new Response(leafPem));
    expect((await later).outcome).toBe('found');
  });
});
