import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { type IssuedCertificates, issueCertificates } from '../../src/adapters/file/issue-certificates.ts';
import { createHttpDestination, type HttpDestinationDeps } from '../../src/adapters/http/http-destination.ts';
import { DAY_MS } from '../../src/core/time.ts';
import type { Destination, SendOutcome } from '../../src/destinations/destination.ts';
import { generateDestinationSecret } from '../../src/destinations/destination-secret.ts';
import { createTestClock, NOW } from '../support/clock.ts';
import { waitUntil } from '../support/running-server.ts';
import { describeDestination, messageNumber, messagesUpTo } from './destination-contract.ts';
import { type Answer, type Endpoint, startEndpoint, startRawEndpoint } from './endpoint.ts';

/** Stands in the URL and in answers: it may never come back out. */
const CANARY = 'canary-5f1d';
const SECRETS = [generateDestinationSecret(randomBytes), generateDestinationSecret(randomBytes)];
const DELIVERED = { outcome: 'delivered' };
const { signal } = new AbortController();

const stack = { endpoints: [] as AsyncDisposable[] };

afterEach(async () => {
  vi.restoreAllMocks();
  for (const endpoint of stack.endpoints.splice(0)) await endpoint[Symbol.asyncDispose]();
});

const opened = async <E extends AsyncDisposable>(opening: Promise<E>): Promise<E> => {
  const endpoint = await opening;
  stack.endpoints.push(endpoint);
  return endpoint;
};

const endpoint = (answer: Answer): Promise<Endpoint> => opened(startEndpoint(answer));

const destinationAt = (url: string, overrides: Partial<HttpDestinationDeps> = {}): Destination =>
  createHttpDestination({
    name: 'ledger',
    url: `${url}?token=${CANARY}`,
    secretsOf: async () => SECRETS,
    clock: createTestClock(),
    timeoutMs: 10_000,
    concurrencyMax: 8,
    arePrivateAddressesAllowed: true,
    ...overrides,
  });

const sendOne = async (destination: Destination, number = 1): Promise<SendOutcome> => {
  const [result] = await destination.send([messageNumber(number)], signal);
  if (result === undefined) throw new Error('there is one result for one message');
  expect(JSON.stringify(result)).not.toContain(CANARY);
  return result;
};

const answering =
  (status: number, headers: Readonly<Record<string, string>> = {}): Answer =>
  (response) => {
    response.writeHead(status, headers).end(`{"answer":"${CANARY}"}`);
  };

describeDestination('http', async () => {
  let isDown = false;
  const server = await startEndpoint((response) => response.writeHead(isDown ? 500 : 204).end());
  return {
    destination: destinationAt(server.url),
    arrivedIds: () => server.requests.map(({ headers }) => String(headers['webhook-id'])),
    setDown: (value) => {
      isDown = value;
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
});

describe('a message to an HTTP destination', () => {
  test('is one POST of the body as it is, to the URL as it is', async () => {
    const server = await endpoint(answering(200));
    const message = messageNumber(1, 'Zoë €');

    expect(await destinationAt(server.url).send([message], signal)).toEqual([DELIVERED]);

    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]).toMatchObject({
      method: 'POST',
      url: `/hook?token=${CANARY}`,
      body: message.body,
      headers: {
        host: `127.0.0.1:${server.port}`,
        'content-type': 'application/json',
        'content-length': String(Buffer.byteLength(message.body)),
        'user-agent': 'Payhook',
        'webhook-id': message.id,
      },
    });
  });

  test('is verified by the official library with either secret while they are being rolled', async () => {
    const server = await endpoint(answering(200));
    const destination = destinationAt(server.url, { clock: createTestClock(Date.now()) });

    await sendOne(destination);

    const { body = '', headers = {} } = server.requests[0] ?? {};
    for (const secret of SECRETS) {
      expect(new Webhook(secret).verify(body, headers as Record<string, string>)).toEqual(JSON.parse(body));
    }
  });

  test('has the same id and body on every attempt, and the time of the attempt', async () => {
    const server = await endpoint(answering(500));
    const clock = createTestClock();
    const destination = destinationAt(server.url, { clock });

    await sendOne(destination);
    clock.advance(60_000);
    await sendOne(destination);

    const [first, second] = server.requests;
    expect(second?.body).toBe(first?.body);
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    expect(first?.headers['webhook-timestamp']).toBe(String(NOW / 1000));
    expect(second?.headers['webhook-timestamp']).toBe(String(NOW / 1000 + 60));
    expect(second?.headers['webhook-signature']).not.toBe(first?.headers['webhook-signature']);
  });

  test.each([
    ['none', [], 'secrets_unavailable'],
    ['a bad one', [SECRETS[0] ?? '', `whsec_${CANARY}`], 'configuration_invalid'],
  ])('is not sent with %s of its secrets', async (_what, secrets, code) => {
    const server = await endpoint(answering(200));
    const destination = destinationAt(server.url, { secretsOf: async () => secrets });

    const sending = destination.send([messageNumber(1)], signal);

    await expect(sending).rejects.toMatchObject({ code, message: expect.not.stringContaining(CANARY) });
    expect(server.requests).toEqual([]);
  });
});

describe('the answer of an HTTP destination', () => {
  const down = { isDestinationDown: true, retryAfterMs: null };
  const waiting = { isDestinationDown: true, retryAfterMs: 120_000 };

  test.each([200, 201, 202, 204, 299])('delivers with %d', async (status) => {
    const server = await endpoint((response) => response.writeHead(status).end());

    expect(await sendOne(destinationAt(server.url))).toEqual(DELIVERED);
  });

  test.each([
    [400, 'answered_4xx', { isDestinationDown: false, retryAfterMs: null }],
    [404, 'answered_4xx', { isDestinationDown: false, retryAfterMs: null }],
    [410, 'answered_4xx', { isDestinationDown: false, retryAfterMs: null }],
    [429, 'answered_429', waiting],
    [500, 'answered_5xx', down],
    [502, 'answered_5xx', down],
    [503, 'answered_5xx', waiting],
    [599, 'answered_5xx', down],
    [304, 'redirected', down],
  ])('fails with %d as %s', async (status, reason, more) => {
    const server = await endpoint(answering(status, { 'retry-after': '120' }));

    expect(await sendOne(destinationAt(server.url))).toEqual({
      outcome: 'failed',
      reason,
      detail: expect.stringMatching(new RegExp(`^the destination answered ${status}(; redirects are not followed)?$`)),
      ...more,
    });
  });

  test.each([
    ['seconds', '30', 30_000],
    ['a date', new Date(NOW + 90_000).toUTCString(), 90_000],
    ['a date of the past', new Date(NOW - 90_000).toUTCString(), 0],
    ['a week', '604800', DAY_MS],
    ['nonsense', 'soon', null],
  ])('may ask for time in %s', async (_what, header, retryAfterMs) => {
    const server = await endpoint(answering(503, { 'retry-after': header }));

    expect(await sendOne(destinationAt(server.url))).toMatchObject({ reason: 'answered_5xx', retryAfterMs });
  });

  test.each([301, 302, 303, 307, 308])('is never followed when it is a redirect: %d', async (status) => {
    const elsewhere = await endpoint(answering(200));
    const server = await endpoint(answering(status, { location: `${elsewhere.url}?token=${CANARY}` }));

    expect(await sendOne(destinationAt(server.url))).toMatchObject({ reason: 'redirected', isDestinationDown: true });
    expect(elsewhere.sockets).toEqual([]);
  });

  test('may be announced by interim answers', async () => {
    const server = await opened(
      startRawEndpoint((socket) =>
        socket.write('HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'),
      ),
    );

    expect(await sendOne(destinationAt(server.url))).toEqual(DELIVERED);
  });

  test.each([
    ['no HTTP', 'HELLO\r\n\r\n', /HPE_/],
    ['another protocol', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n', /ECONNRESET/],
    ['a head without end', `HTTP/1.1 200 OK\r\nX-Filler: ${'x'.repeat(40_000)}`, /HPE_HEADER_OVERFLOW/],
  ])('counts as none when it is %s', async (_what, bytes, code) => {
    const server = await opened(startRawEndpoint((socket) => socket.write(bytes)));

    expect(await sendOne(destinationAt(server.url))).toMatchObject({
      reason: 'not_reachable',
      detail: expect.stringMatching(code),
      isDestinationDown: true,
    });
  });

  test('counts although its body is cut off', async () => {
    const server = await opened(
      startRawEndpoint((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"half')),
    );

    expect(await sendOne(destinationAt(server.url))).toEqual(DELIVERED);
  });

  test('counts although its body is 30 MB, of which next to nothing is read', async () => {
    const server = await endpoint((response) => response.writeHead(200).end(Buffer.alloc(30_000_000)));
    const destination = destinationAt(server.url);

    expect(await sendOne(destination)).toEqual(DELIVERED);

    await waitUntil('the connection is closed', () => server.sockets[0]?.destroyed === true);
    expect(await sendOne(destination, 2)).toEqual(DELIVERED);
    expect(server.sockets).toHaveLength(2);
  });

  test('counts although its body never ends', async () => {
    const server = await endpoint((response) => {
      response.writeHead(500);
      const more = (): void => {
        if (!response.destroyed) response.write(Buffer.alloc(1000), () => setImmediate(more));
      };
      more();
    });

    // Only what is read of it can end it: there is more time than the test has.
    const destination = destinationAt(server.url, { timeoutMs: 60_000 });

    expect(await sendOne(destination)).toMatchObject({ reason: 'answered_5xx' });
  });
});

describe('an HTTP destination that is not well', () => {
  const TIMEOUT_MS = 150;
  const timedOut = {
    outcome: 'failed',
    reason: 'timed_out',
    detail: `the destination did not answer within ${TIMEOUT_MS} ms`,
    retryAfterMs: null,
    isDestinationDown: true,
  };

  /** That it ends is seen by the test's own limit: how soon, is a matter of the machine. */
  const timed = async (sending: Promise<SendOutcome>, timeoutMs = TIMEOUT_MS): Promise<SendOutcome> => {
    const startedAt = performance.now();
    const result = await sending;
    expect(performance.now() - startedAt).toBeGreaterThan(timeoutMs - 10);
    return result;
  };

  test('has its time and no more when it never answers', async () => {
    const server = await endpoint(() => {});

    expect(await timed(sendOne(destinationAt(server.url, { timeoutMs: TIMEOUT_MS })))).toEqual(timedOut);

    await waitUntil('the connection is closed', () => server.sockets[0]?.destroyed === true);
  });

  test.each([
    ['the head of its answer', 'HTTP/1.1 200 OK\r\n', 'X-Drip: 1\r\n', TIMEOUT_MS, timedOut],
    // The head is there in time, for which there is enough: what follows changes nothing.
    ['the body of its answer', 'HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n', 'x', 2000, DELIVERED],
  ])('has its time and no more when %s drips', async (_what, start, drop, timeoutMs, expected) => {
    const server = await opened(
      startRawEndpoint((socket) => {
        socket.write(start);
        const dripping = setInterval(() => socket.write(drop), 10);
        socket.on('close', () => clearInterval(dripping));
      }),
    );

    expect(await timed(sendOne(destinationAt(server.url, { timeoutMs })), timeoutMs)).toEqual(expected);
  });

  test('has its time and no more when its name is never resolved', async () => {
    const resolve = (): Promise<never> => new Promise(() => {});

    const destination = destinationAt('http://ledger.example/', { timeoutMs: TIMEOUT_MS, resolve });

    expect(await timed(sendOne(destination))).toEqual(timedOut);
  });

  test('has its time and no more when messages wait for a connection', async () => {
    const server = await endpoint(() => {});
    const destination = destinationAt(server.url, { timeoutMs: TIMEOUT_MS, concurrencyMax: 1 });

    const results = await Promise.all([sendOne(destination, 1), timed(sendOne(destination, 2))]);

    expect(results).toEqual([timedOut, timedOut]);
    expect(server.sockets.length).toBeLessThanOrEqual(2);
  });

  test('is left at once when the caller stops, and is not blamed', async () => {
    const server = await endpoint(() => {});
    const controller = new AbortController();
    const sending = destinationAt(server.url).send([messageNumber(1), messageNumber(2)], controller.signal);
    await waitUntil('the message is there', () => server.requests.length === 1);

    controller.abort();

    const stopped = {
      outcome: 'failed',
      reason: 'timed_out',
      detail: 'we stopped before the destination answered',
      retryAfterMs: null,
      isDestinationDown: false,
    };
    expect(await sending).toEqual([stopped, stopped]);
    expect(server.requests).toHaveLength(1);
  });

  test('is not reachable when it closes the connection before its answer is whole, and is asked once', async () => {
    const server = await opened(startRawEndpoint((socket) => socket.end('HTTP/1.1 200 OK\r\nConte')));

    expect(await sendOne(destinationAt(server.url))).toMatchObject({
      reason: 'not_reachable',
      detail: 'the destination cannot be reached: ECONNRESET',
      isDestinationDown: true,
    });
    expect(server.sockets).toHaveLength(1);
  });

  test('is not reachable when it refuses connections', async () => {
    const server = await startEndpoint(() => {});
    await server[Symbol.asyncDispose]();

    expect(await sendOne(destinationAt(server.url))).toMatchObject({
      reason: 'not_reachable',
      detail: 'the destination cannot be reached: ECONNREFUSED',
      isDestinationDown: true,
    });
  });

  test('is not reachable when its name is unknown', async () => {
    const resolve = async (): Promise<never> => {
      throw Object.assign(new Error('getaddrinfo ENOTFOUND ledger.example'), { code: 'ENOTFOUND' });
    };

    expect(await sendOne(destinationAt('http://ledger.example/', { resolve }))).toMatchObject({
      reason: 'not_reachable',
      detail: 'the name of the destination cannot be resolved: ENOTFOUND',
      isDestinationDown: true,
    });
  });
});

describe('connections to an HTTP destination', () => {
  test('are kept and used again', async () => {
    const server = await endpoint(answering(200));
    const destination = destinationAt(server.url);

    for (let number = 1; number <= 10; number += 1) await sendOne(destination, number);

    expect(server.requests).toHaveLength(10);
    expect(server.sockets).toHaveLength(1);
  });

  test('are never more than may be open at a time', async () => {
    const server = await endpoint(answering(200));
    const destination = destinationAt(server.url, { concurrencyMax: 2 });

    const results = await Promise.all(messagesUpTo(20).map((_, index) => sendOne(destination, index)));

    expect(results).toEqual(results.map(() => DELIVERED));
    expect(server.sockets.length).toBeLessThanOrEqual(2);
  });

  test('that the other side closed while they lay idle fail no message', async () => {
    const server = await opened(
      startRawEndpoint((socket, connection) => {
        // The second message finds the first connection closed under its feet.
        if (connection === 1 && socket.bytesWritten > 0) socket.destroy();
        else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
      }),
    );
    const destination = destinationAt(server.url);

    expect([await sendOne(destination, 1), await sendOne(destination, 2)]).toEqual([DELIVERED, DELIVERED]);
    expect(server.sockets).toHaveLength(2);
  });
});

describe('the address of an HTTP destination', () => {
  test('is the one that was checked: the system is not asked again', async () => {
    const server = await endpoint(answering(200));
    const asked: string[] = [];
    const resolve = async (host: string): Promise<readonly string[]> => {
      asked.push(host);
      return ['127.0.0.1'];
    };

    const result = await sendOne(destinationAt(`http://ledger.invalid:${server.port}/hook`, { resolve }));

    expect(result).toEqual(DELIVERED);
    expect(asked).toEqual(['ledger.invalid']);
    expect(server.requests[0]?.headers.host).toBe(`ledger.invalid:${server.port}`);
  });

  test('may be one of several, of which the first does not answer', async () => {
    const server = await endpoint(answering(200));
    const resolve = async (): Promise<readonly string[]> => ['::1', '127.0.0.1'];

    expect(await sendOne(destinationAt(`http://ledger.invalid:${server.port}/hook`, { resolve }))).toEqual(DELIVERED);
  });

  test('is refused when it is private, before anything connects', async () => {
    const server = await endpoint(answering(200));
    const destination = destinationAt(`http://ledger.invalid:${server.port}/hook`, {
      arePrivateAddressesAllowed: false,
      resolve: async () => ['1.1.1.1', '127.0.0.1'],
    });

    expect(await sendOne(destination)).toEqual({
      outcome: 'failed',
      reason: 'address_refused',
      detail: 'the destination leads to 127.0.0.1, which is not a public address',
      retryAfterMs: null,
      isDestinationDown: true,
    });
    expect(server.sockets).toEqual([]);
  });

  test.each([
    '0.0.0.0',
    '10.0.0.1',
    '100.64.0.1',
    '127.0.0.1',
    '2130706433',
    '0x7f.1',
    '0177.0.0.1',
    '169.254.169.254',
    '172.16.0.1',
    '192.168.0.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '[::]',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '[::127.0.0.1]',
    '[64:ff9b::10.0.0.1]',
    '[2002:7f00:1::]',
    '[fc00::1]',
    '[fd00:ec2::254]',
    '[fe80::1]',
    '[ff02::1]',
    'localhost',
  ])('is refused when it is written into the URL: %s', async (host) => {
    const server = await endpoint(answering(200));
    const destination = destinationAt(`https://${host}:${server.port}/`, { arePrivateAddressesAllowed: false });

    expect(await sendOne(destination)).toMatchObject({ reason: 'address_refused', isDestinationDown: true });
    expect(server.sockets).toEqual([]);
  });

  test('may be an IPv6 address in the URL', async () => {
    const server = await opened(startEndpoint(answering(200), { host: '::1' }));

    expect(await sendOne(destinationAt(server.url))).toEqual(DELIVERED);
    expect(server.requests[0]?.headers.host).toBe(`[::1]:${server.port}`);
  });

  test('may move: open connections to where it was are closed and not used again', async ({ skip }) => {
    skip(process.platform !== 'linux', 'only Linux has the other addresses of 127.0.0.0/8');
    const before = await endpoint(answering(200));
    const after = await opened(startEndpoint(answering(200), { host: '127.0.0.2', port: before.port }));
    let address = '127.0.0.1';
    const resolve = async (): Promise<readonly string[]> => [address];
    const destination = destinationAt(`http://ledger.invalid:${before.port}/hook`, { resolve });
    expect(await sendOne(destination, 1)).toEqual(DELIVERED);

    address = '127.0.0.2';
    vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 1000);
    expect(await sendOne(destination, 2)).toEqual(DELIVERED);

    expect(before.requests.map(({ headers }) => headers['webhook-id'])).toEqual([messageNumber(1).id]);
    expect(after.requests.map(({ headers }) => headers['webhook-id'])).toEqual([messageNumber(2).id]);
    await waitUntil('the old connection is closed', () => before.sockets[0]?.destroyed === true);
  });

  test('may move while a message is under way, which ends in peace, and whose connection is then closed', async () => {
    const answers: (() => void)[] = [];
    const server = await endpoint((response) => answers.push(() => response.writeHead(200).end()));
    let addresses = ['127.0.0.1'];
    const resolve = async (): Promise<readonly string[]> => addresses;
    const destination = destinationAt(`http://ledger.invalid:${server.port}/hook`, { resolve });
    const first = sendOne(destination, 1);
    await waitUntil('the first message is there', () => answers.length === 1);

    addresses = ['127.0.0.1', '127.0.0.2'];
    vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 1000);
    const second = sendOne(destination, 2);
    await waitUntil('the second message is there', () => answers.length === 2);
    for (const answer of answers) answer();

    expect(await Promise.all([first, second])).toEqual([DELIVERED, DELIVERED]);
    await waitUntil('the old connection is closed', () => server.sockets[0]?.destroyed === true);
    expect(server.sockets[1]?.destroyed).toBe(false);
  });
});

describe('an HTTP destination behind TLS', () => {
  let issued: IssuedCertificates;

  beforeAll(async () => {
    issued = await issueCertificates({ now: Date.now(), commonName: 'ledger.example', daysValid: 1 });
  });

  const tlsEndpoint = async (): Promise<{ readonly port: number; readonly ids: readonly unknown[] }> => {
    const ids: unknown[] = [];
    const server = createTlsServer({ key: issued.leafPrivateKeyPem, cert: issued.leafPem }, (request, response) => {
      ids.push(request.headers['webhook-id']);
      request.resume();
      response.writeHead(200).end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    stack.endpoints.push({
      [Symbol.asyncDispose]: async () => {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      },
    });
    return { port: (server.address() as AddressInfo).port, ids };
  };

  const resolve = async (): Promise<readonly string[]> => ['127.0.0.1'];

  test('is not reachable when nobody vouches for its certificate', async () => {
    const server = await tlsEndpoint();

    expect(await sendOne(destinationAt(`https://ledger.example:${server.port}/`, { resolve }))).toMatchObject({
      reason: 'not_reachable',
      detail: 'the destination cannot be reached: UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      isDestinationDown: true,
    });
    expect(server.ids).toEqual([]);
  });

  describe('whose certificate is vouched for', () => {
    const before = getCACertificates('default');

    beforeAll(() => {
      setDefaultCACertificates([issued.rootPem]);
      return () => setDefaultCACertificates(before);
    });

    test('gets messages by its name, although an address was pinned', async () => {
      const server = await tlsEndpoint();
      const destination = destinationAt(`https://ledger.example:${server.port}/`, { resolve });

      expect([await sendOne(destination, 1), await sendOne(destination, 2)]).toEqual([DELIVERED, DELIVERED]);
      expect(server.ids).toEqual([messageNumber(1).id, messageNumber(2).id]);
    });

    test('is not reachable by another name than the certificate has', async () => {
      const server = await tlsEndpoint();

      expect(await sendOne(destinationAt(`https://other.example:${server.port}/`, { resolve }))).toMatchObject({
        reason: 'not_reachable',
        detail: 'the destination cannot be reached: ERR_TLS_CERT_ALTNAME_INVALID',
      });
      expect(server.ids).toEqual([]);
    });
  });

  test('is not reachable when it speaks no TLS', async () => {
    const server = await endpoint(answering(200));

    expect(await sendOne(destinationAt(`https://ledger.example:${server.port}/`, { resolve }))).toMatchObject({
      reason: 'not_reachable',
      detail: expect.stringMatching(/ERR_SSL|EPROTO/),
    });
  });
});
