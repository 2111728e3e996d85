/**
 * Stands in for PayPal's certificate server: an HTTPS server behind an HTTP proxy, with certificates of our own making.
 * A function reaches it when its environment names the proxy and trusts the authority.
 */
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { issueCertificates } from '../../../src/adapters/file/issue-certificates.ts';

const HOST = 'api.sandbox.paypal.com';
const SIGNER = 'messageverificationcerts.sandbox.paypal.com';
export const CERTIFICATE_URL = `https://${HOST}/v1/notifications/certs/CERT-test`;

export interface PaypalCertificates extends AsyncDisposable {
  readonly proxyUrl: string;
  readonly authorityPem: string;
  /** Signs deliveries as PayPal would. */
  readonly privateKeyPem: string;
  /** How often the certificate was fetched. */
  fetched(): number;
  /** While false the server answers 503. */
  isServing: boolean;
}

export const startPaypalCertificates = async (): Promise<PaypalCertificates> => {
  const now = Date.now();
  const tls = await issueCertificates({ now, commonName: HOST, daysValid: 30 });
  const signing = await issueCertificates({ now, commonName: SIGNER, daysValid: 30 });
  let fetched = 0;
  const state = { isServing: true };
  const https = createHttpsServer({ key: tls.leafPrivateKeyPem, cert: tls.leafPem }, (_, response) => {
    fetched += 1;
    response.writeHead(state.isServing ? 200 : 503).end(state.isServing ? signing.leafPem : '');
  });
  https.listen(0, '127.0.0.1');
  await once(https, 'listening');
  const { port: httpsPort } = https.address() as AddressInfo;
  const proxy = createHttpServer();
  proxy.on('connect', (request, client) => {
    // Nothing else is to be reached from a test.
    if (request.url !== `${HOST}:443`) {
      client.destroy();
      return;
    }
    const upstream = connect(httpsPort, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      upstream.pipe(client);
      client.pipe(upstream);
    });
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return Object.assign(state, {
    proxyUrl: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    authorityPem: tls.rootPem,
    privateKeyPem: signing.leafPrivateKeyPem,
    fetched: () => fetched,
    async [Symbol.asyncDispose]() {
      for (const server of [https, proxy]) {
        server.closeAllConnections();
        server.close();
      }
    },
  });
};
