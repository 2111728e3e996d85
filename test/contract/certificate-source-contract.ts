/** What every certificate source keeps: the sentences of the port, as tests, against a server that answers as told. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect } from 'vitest';
import { LIMITS } from '../../src/core/limits.ts';
import type { CertificateSource } from '../../src/core/ports/certificate-source.ts';
import { type ContractOptions, type ContractTest, defineContract } from './contract-tests.ts';

export interface CertificateSetup {
  /** How the source reaches the world: a fetch that leads every https URL to the test's server. */
  readonly fetch: typeof fetch;
  readonly timeoutMs: number;
}

export interface CertificateContractOptions extends ContractOptions {
  /** A certificate that is real. */
  readonly pem: string;
  /** Makes the source believe that this much time has passed. */
  readonly passTime: (ms: number) => Promise<void>;
}

export type OpenCertificates = (setup: CertificateSetup) => CertificateSource;

const URL_1 = 'https://api.paypal.com/v1/notifications/certs/CERT-1';
const URL_2 = 'https://api.paypal.com/v1/notifications/certs/CERT-2';
/** Short, so that the tests of hanging servers end soon; the others answer long before. */
const HANG_TIMEOUT_MS = 200;
/** For what a server does answer: longer than any machine takes. */
const PATIENT_MS = 60_000;
/** What the port means by a few seconds. */
const FAILURE_CACHED_MS_MAX = 5000;

interface CertificateServer extends AsyncDisposable {
  readonly fetch: typeof fetch;
  /** Paths asked for, in order. */
  readonly requests: readonly string[];
}

const serve = async (answer: RequestListener): Promise<CertificateServer> => {
  const requests: string[] = [];
  const server: Server = createServer((request, response) => {
    requests.push(request.url ?? '');
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    requests,
    fetch: (input, init) => fetch(`http://127.0.0.1:${port}${new URL(String(input)).pathname}`, init),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

interface BrokenAnswer {
  readonly title: string;
  readonly answer: (pem: string) => RequestListener;
}

const BROKEN_ANSWERS: readonly BrokenAnswer[] = [
  { title: 'a server error', answer: (pem) => (_, response) => void response.writeHead(500).end(pem) },
  { title: 'not found', answer: (pem) => (_, response) => void response.writeHead(404).end(pem) },
  { title: 'no content', answer: () => (_, response) => void response.writeHead(204).end() },
  { title: 'an empty body', answer: () => (_, response) => void response.end() },
  { title: 'a page that is no certificate', answer: () => (_, response) => void response.end('<html>hello</html>') },
  {
    title: 'a certificate with nothing in it',
    answer: () => (_, response) =>
      void response.end('-----BEGIN CERTIFICATE-----\nbm90aGluZw==\n-----END CERTIFICATE-----\n'),
  },
  {
    title: 'half a certificate',
    answer: (pem) => (_, response) => void response.end(pem.slice(0, Math.floor(pem.length / 2))),
  },
  {
    title: 'a connection that ends in the middle',
    answer: (pem) => (_, response) => {
      response.writeHead(200, { 'content-length': String(pem.length) });
      response.write(pem.slice(0, 100), () => response.destroy());
    },
  },
  { title: 'a connection that ends at once', answer: () => (request) => void request.socket.destroy() },
];

const defineFoundTests = (test: ContractTest, open: OpenCertificates, options: CertificateContractOptions): void => {
  const { pem, passTime } = options;
  const timeoutMs = PATIENT_MS;

  test('returns the certificate at the URL as it was served', async () => {
    await using server = await serve((_, response) => response.end(pem));
    const source = open({ fetch: server.fetch, timeoutMs });

    expect(await source.fetch(URL_1)).toEqual({ outcome: 'found', pem });
    expect(server.requests).toEqual(['/v1/notifications/certs/CERT-1']);
  });

  test('asks the server once for calls that come at once and later', async () => {
    await using server = await serve((_, response) => response.end(pem));
    const source = open({ fetch: server.fetch, timeoutMs });

    const results = await Promise.all(Array.from({ length: 20 }, () => source.fetch(URL_1)));
    results.push(await source.fetch(URL_1));

    expect(results.every((result) => result.outcome === 'found')).toBe(true);
    expect(server.requests).toHaveLength(1);
  });

  test('keeps the certificates of two URLs apart', async () => {
    const other = `${pem}\n# other`;
    await using server = await serve((request, response) => response.end(request.url?.endsWith('2') ? other : pem));
    const source = open({ fetch: server.fetch, timeoutMs });

    const results = await Promise.all([source.fetch(URL_1), source.fetch(URL_2)]);

    expect(results).toEqual([
      { outcome: 'found', pem },
      { outcome: 'found', pem: other },
    ]);
  });

  test('asks again a few seconds after a failure at the latest, and remembers the certificate that it then gets', async () => {
    let isBroken = true;
    await using server = await serve((_, response) => response.writeHead(isBroken ? 503 : 200).end(pem));
    const source = open({ fetch: server.fetch, timeoutMs });

    expect((await source.fetch(URL_1)).outcome).toBe('unavailable');
    isBroken = false;
    await passTime(FAILURE_CACHED_MS_MAX);

    expect((await source.fetch(URL_1)).outcome).toBe('found');
    isBroken = true;
    await passTime(FAILURE_CACHED_MS_MAX);
    expect((await source.fetch(URL_1)).outcome).toBe('found');
  });
};

const defineUnavailableTests = (test: ContractTest, open: OpenCertificates, pem: string): void => {
  const timeoutMs = PATIENT_MS;

  for (const { title, answer } of BROKEN_ANSWERS) {
    test(`says unavailable for ${title}`, async () => {
      await using server = await serve(answer(pem));
      const source = open({ fetch: server.fetch, timeoutMs });

      expect(await source.fetch(URL_1)).toEqual({ outcome: 'unavailable', reason: expect.any(String) });
    });
  }

  for (const status of [301, 302, 307, 308]) {
    test(`says unavailable for a redirect with ${status} and does not follow it`, async () => {
      await using server = await serve((request, response) => {
        const isFirst = request.url?.endsWith('CERT-1');
        if (isFirst) response.writeHead(status, { location: '/elsewhere' }).end();
        else response.end(pem);
      });
      const source = open({ fetch: server.fetch, timeoutMs });

      expect((await source.fetch(URL_1)).outcome).toBe('unavailable');
      expect(server.requests).toEqual(['/v1/notifications/certs/CERT-1']);
    });
  }

  test('reads no more than the limit of an answer that does not end', async () => {
    let written = 0;
    await using server = await serve((_, response) => {
      const more = () => {
        written += 4096;
        if (written > 100 * LIMITS.certificateBytesMax) response.end();
        else response.write(Buffer.alloc(4096, 'A'), () => setImmediate(more));
      };
      response.on('error', () => undefined);
      response.write(pem, more);
    });
    const source = open({ fetch: server.fetch, timeoutMs });

    expect((await source.fetch(URL_1)).outcome).toBe('unavailable');
    expect(written).toBeLessThan(100 * LIMITS.certificateBytesMax);
  });

  test('takes a certificate of exactly the size that is allowed, and refuses one byte more', async () => {
    const padded = pem.padEnd(LIMITS.certificateBytesMax, '\n');
    await using server = await serve((request, response) =>
      response.end(request.url?.endsWith('2') ? `${padded}\n` : padded),
    );
    const source = open({ fetch: server.fetch, timeoutMs });

    expect((await source.fetch(URL_1)).outcome).toBe('found');
    expect((await source.fetch(URL_2)).outcome).toBe('unavailable');
  });

  test('gives up on a server that never answers', async () => {
    await using server = await serve(() => undefined);
    const source = open({ fetch: server.fetch, timeoutMs: HANG_TIMEOUT_MS });

    expect((await source.fetch(URL_1)).outcome).toBe('unavailable');
  });

  test('gives up on a server that stops in the middle of its answer', async () => {
    await using server = await serve((_, response) => void response.write(pem.slice(0, 50)));
    const source = open({ fetch: server.fetch, timeoutMs: HANG_TIMEOUT_MS });

    expect((await source.fetch(URL_1)).outcome).toBe('unavailable');
  });

  test('says unavailable, and does not throw, for an address where nobody listens', async () => {
    const server = await serve(() => undefined);
    await server[Symbol.asyncDispose]();
    const source = open({ fetch: server.fetch, timeoutMs });

    expect((await source.fetch(URL_1)).outcome).toBe('unavailable');
  });
};

/** Runs the suite against sources that `open` makes, each with nothing remembered. */
export const describeCertificateSource = (
  name: string,
  open: OpenCertificates,
  options: CertificateContractOptions,
): void => {
  describe(`CertificateSource: ${name}`, () => {
    defineContract(options, (test) => {
      defineFoundTests(test, open, options);
      defineUnavailableTests(test, open, options.pem);
    });
  });
};
