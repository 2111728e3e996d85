import { afterEach, describe, expect, test, vi } from 'vitest';
import { issueCertificates } from '../../src/adapters/file/issue-certificates.ts';
import { createHttpCertificateSource } from '../../src/adapters/http/http-certificate-source.ts';
import { LIMITS } from '../../src/core/limits.ts';
import type { Sender } from '../../src/core/shares.ts';
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

  const sender = (address: string, hasReserve = false): Sender => ({ address, isLimited: true, hasReserve });
  const hanging = (): Promise<Response> => new Promise(() => {});

  test('finds certificates for others while many senders name ones that do not come', async () => {
    const asked: string[] = [];
    const source = createHttpCertificateSource({
      fetch: (input) => {
        asked.push(String(input));
        return String(input) === urlOf(1000) ? Promise.resolve(new Response(leafPem)) : hanging();
      },
    });

    for (let number = 0; number < 90; number += 1) void source.fetch(urlOf(number), sender(`stranger ${number % 9}`));

    expect(asked.length).toBeLessThanOrEqual(6);
    expect((await source.fetch(urlOf(1000), sender('proven', true))).outcome).toBe('found');
  });

  test('leaves slots to another stranger when one names ones that do not come', async () => {
    const source = createHttpCertificateSource({
      fetch: (input) => (String(input) === urlOf(1000) ? Promise.resolve(new Response(leafPem)) : hanging()),
    });

    for (let number = 0; number < 90; number += 1) void source.fetch(urlOf(number), sender('stranger'));

    expect((await source.fetch(urlOf(1000), sender('somebody else'))).outcome).toBe('found');
  });

  test('asks for no more when a sender has named too many that are not there, until a minute has passed', async () => {
    let now = 0;
    let requests = 0;
    const source = createHttpCertificateSource({
      now: () => now,
      fetch: async () => {
        requests += 1;
        return new Response('not found', { status: 404 });
      },
    });
    const miss = async (address: string, from: number): Promise<number> => {
      const before = requests;
      for (let number = from; number < from + 100; number += 1) await source.fetch(urlOf(number), sender(address));
      return requests - before;
    };

    expect(await miss('stranger', 0)).toBeLessThan(20);
    expect(await miss('stranger', 100)).toBe(0);
    expect(await miss('somebody else', 200)).toBeGreaterThan(5);
    for (let number = 0; number < 50; number += 1) await miss(`crowd ${number}`, 1000 + number * 100);
    expect(requests).toBeLessThanOrEqual(LIMITS.certificateMissesPerMinuteMax);
    now = 60_000;
    expect(await miss('stranger', 10_000)).toBeGreaterThan(5);
  });

  test('does not hold it against a sender that the server of certificates is down', async () => {
    let isDown = true;
    const source = createHttpCertificateSource({
      fetch: async () => (isDown ? new Response('', { status: 503 }) : new Response(leafPem)),
    });
    for (let number = 0; number < 100; number += 1) await source.fetch(urlOf(number), sender('genuine'));

    isDown = false;

    expect((await source.fetch(urlOf(1000), sender('genuine'))).outcome).toBe('found');
  });

  test('begins with the certificates that were kept, and keeps what it finds; what is none is fetched again', async () => {
    const written: (readonly string[])[] = [];
    const asked: string[] = [];
    const source = createHttpCertificateSource({
      kept: {
        read: () =>
          new Map([
            [urlOf(1), leafPem],
            [urlOf(2), 'edited'],
          ]),
        write: (pemByUrl) => void written.push([...pemByUrl.keys()].toSorted()),
      },
      fetch: async (input) => {
        asked.push(String(input));
        return new Response(leafPem);
      },
    });

    expect(await source.fetch(urlOf(1))).toEqual({ outcome: 'found', pem: leafPem });
    expect(asked).toEqual([]);
    expect((await source.fetch(urlOf(2))).outcome).toBe('found');
    expect([asked, written]).toEqual([[urlOf(2)], [[urlOf(1), urlOf(2)]]]);
  });
});
