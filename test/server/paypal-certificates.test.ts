/** Certificate addresses that are tricks, and certificate servers that misbehave: through the whole server. */
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createHttpCertificateSource } from '../../src/adapters/http/http-certificate-source.ts';
import type { CertificateSource } from '../../src/core/ports/certificate-source.ts';
import { createTestClock } from '../support/clock.ts';
import {
  createTestFolder,
  type LocalServer,
  post,
  readStored,
  startLocalServer,
  waitUntil,
} from '../support/running-server.ts';
import { CANARY, createSigner, PAYPAL_URL, SECRET_ENV, type Sign } from './signed.ts';

const clock = createTestClock();
const BODY = JSON.stringify({
  id: 'WH-1',
  event_type: 'PAYMENT.CAPTURE.COMPLETED',
  resource: { id: 'c1', note: CANARY },
});
/** For a server that does not answer; what does answer has the time that it needs. */
const HANGING_MS = 300;
const PATIENT_MS = 60_000;

let sign: Sign;
let leafPem: string;
beforeAll(async () => {
  ({ sign, leafPem } = await createSigner(clock.now()));
});

const opened: Server[] = [];
afterEach(() => {
  for (const server of opened.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** What the certificate source fetches from PayPal's addresses comes from here instead. */
const certificatesFrom = async (
  listener: RequestListener,
  timeoutMs = PATIENT_MS,
): Promise<{ source: CertificateSource; asked: string[] }> => {
  const asked: string[] = [];
  const server = createServer(listener);
  opened.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const fetchHere: typeof fetch = (input, init) => {
    asked.push(String(input));
    return fetch(`http://127.0.0.1:${port}${new URL(String(input)).pathname}`, init);
  };
  return { source: createHttpCertificateSource({ fetch: fetchHere, timeoutMs }), asked };
};

const withServer = async <Result>(
  certificates: CertificateSource,
  work: (server: LocalServer, data: string) => Promise<Result>,
): Promise<Result> => {
  using folder = createTestFolder();
  await using server = await startLocalServer({ folder, clock, env: SECRET_ENV, certificates });
  return await work(server, folder.data);
};

const serveLeaf: RequestListener = (_request, response) => void response.end(leafPem);

describe('PayPal certificate addresses', () => {
  test('that are tricks are refused without asking anybody, signed or not', async () => {
    const { source, asked } = await certificatesFrom(serveLeaf);
    const path = '/v1/notifications/certs/CERT-1';
    const tricks = [
      `https://paypal.com.evil.example${path}`,
      `https://api.paypal.com.evil.example${path}`,
      `https://evilapi.paypal.com${path}`,
      `https://api.paypal.com@evil.example${path}`,
      `https://user:password@api.paypal.com${path}`,
      `https://api.paypal.com:8443${path}`,
      `https://api.paypal.com:443${path}`,
      `http://api.paypal.com${path}`,
      `file:///etc/passwd`,
      `data:text/plain,${CANARY}`,
      `https://127.0.0.1${path}`,
      `https://169.254.169.254${path}`,
      `https://api.paypal.com/v1/notifications/certs/../../../evil`,
      `https://api.paypal.com/v1/notifications/certs/%2e%2e%2fevil`,
      `https://api.paypal.com${path}?x=1`,
      `https://api.paypal.com${path}#x`,
      `https://api.paypal.com\\@evil.example${path}`,
      `https://API.paypal.com${path}`,
      `https://api.paypal.com.${path}`,
      `//api.paypal.com${path}`,
      `${PAYPAL_URL}${'a'.repeat(300)}`,
      CANARY,
    ];
    await withServer(source, async (server, data) => {
      for (const url of tricks) {
        const signed = sign('paypal', BODY, { now: clock.now(), certificateUrl: url });
        const unsigned = {
          ...signed,
          headers: { ...signed.headers, 'paypal-transmission-sig': Buffer.alloc(256).toString('base64') },
        };

        const answers = [await post(server.url, 'paypal', signed), await post(server.url, 'paypal', unsigned)];

        expect([url, ...answers.map(({ status, text }) => `${status} ${text}`)]).toEqual([
          url,
          '401 {"error":"signature_verification_failed"}',
          '401 {"error":"signature_verification_failed"}',
        ]);
      }
      expect(asked).toEqual([]);
      const reasons = readStored(data)
        .entries.filter((entry) => entry.chain === 'rejections')
        .map((entry) => entry.reason);
      expect(reasons).toEqual(tricks.flatMap(() => ['certificate_url_not_allowed', 'certificate_url_not_allowed']));
      expect(JSON.stringify(server.lines) + readStored(data).plainText).not.toContain(CANARY);
    });
  });

  test('of PayPal serve a certificate once, and what it signed is stored', async () => {
    const { source, asked } = await certificatesFrom(serveLeaf);
    await withServer(source, async (server, data) => {
      const statuses = [];
      for (let index = 0; index < 3; index += 1)
        statuses.push((await post(server.url, 'paypal', sign('paypal', BODY, { now: clock.now() }))).status);

      expect(statuses).toEqual([200, 200, 200]);
      expect(asked).toEqual([PAYPAL_URL]);
      expect(readStored(data).webhooks.map((webhook) => webhook.id)).toEqual(['paypal:WH-1']);
    });
  });
});

describe('a certificate server', () => {
  const misbehaving: readonly [string, RequestListener, number?][] = [
    ['redirects', (_request, response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/evil' }).end()],
    ['hangs before its answer', () => undefined, HANGING_MS],
    ['hangs inside its answer', (_request, response) => void response.write(leafPem.slice(0, 100)), HANGING_MS],
    ['breaks', (_request, response) => void response.writeHead(500).end(CANARY)],
    ['sends a page', (_request, response) => void response.end(`<html>${CANARY}</html>`)],
    ['sends a megabyte', (_request, response) => void response.end(leafPem + ' '.repeat(1024 * 1024))],
    ['resets the connection', (request) => void request.socket.resetAndDestroy()],
  ];

  test.each(misbehaving)(
    'that %s makes a delivery come again later: 503 and nothing stored',
    async (_what, listener, timeoutMs) => {
      const { source } = await certificatesFrom(listener, timeoutMs);
      await withServer(source, async (server, data) => {
        const refused = await post(server.url, 'paypal', sign('paypal', BODY, { now: clock.now() }));

        expect([refused.status, refused.text]).toEqual([503, '{"error":"certificate_unavailable"}']);
        expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
        expect(readStored(data).webhooks).toEqual([]);
        expect(server.lines).toContainEqual(
          expect.objectContaining({
            event: 'delivery.unavailable',
            fields: expect.objectContaining({ outcome: 'unavailable', reason: 'certificate_unavailable' }),
          }),
        );
        expect(JSON.stringify(server.lines)).not.toContain(CANARY);
      });
    },
  );

  test('that is well again is believed again, and the delivery that was refused is taken', async () => {
    let isWell = false;
    const { source } = await certificatesFrom((request, response) => {
      if (isWell) serveLeaf(request, response);
      else response.writeHead(503).end();
    });
    await withServer(source, async (server) => {
      const signed = sign('paypal', BODY, { now: clock.now() });
      expect((await post(server.url, 'paypal', signed)).status).toBe(503);

      isWell = true;

      await waitUntil('the delivery is taken', async () => (await post(server.url, 'paypal', signed)).status === 200);
    });
  });
});
