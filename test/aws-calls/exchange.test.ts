/** HTTP as it goes wrong: a server on 127.0.0.1 that answers late, in part, or not at all. */
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { createCallService } from '../../src/adapters/aws/signed/call-service.ts';
import { createExchange } from '../../src/adapters/aws/signed/exchange.ts';
import { systemClock } from '../../src/adapters/system/system-clock.ts';

const MS_MAX = 60_000;
/** For what never answers: it does not matter how soon. */
const SHORT_MS_MAX = 20;

const serve = async (listener: RequestListener) => {
  let connections = 0;
  const server = createServer(listener);
  server.on('connection', () => {
    connections += 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  return {
    url,
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};

const requestTo = (url: URL, msMax = MS_MAX) => ({ url, headers: { 'X-Test': 'yes' }, body: '{"a":"ü"}', msMax });

describe('createExchange', () => {
  test('posts the body and reads the whole answer, whatever its status', async () => {
    await using server = await serve(async (request, response) => {
      const body = Buffer.concat(await request.toArray()).toString();
      response.writeHead(400, { 'x-amzn-errortype': 'Some' });
      response.write(`${request.method} ${request.headers['x-test']} `);
      response.end(body);
    });

    const answer = await createExchange()(requestTo(server.url));

    expect(answer).toMatchObject({ status: 400, body: 'POST yes {"a":"ü"}', headers: { 'x-amzn-errortype': 'Some' } });
  });

  test('keeps a connection for the next request', async () => {
    await using server = await serve((_, response) => response.end('{}'));
    const exchange = createExchange();

    for (let times = 0; times < 3; times += 1) await exchange(requestTo(server.url));

    expect(server.connections()).toBe(1);
  });

  test.each<[string, RequestListener]>([
    ['not at all', () => undefined],
    ['only in part', (_, response) => response.writeHead(200, { 'content-length': '100' }).write('{')],
  ])('gives up with a TimeoutError on a server that answers %s', async (_, listener) => {
    await using server = await serve(listener);

    await expect(createExchange()(requestTo(server.url, SHORT_MS_MAX))).rejects.toMatchObject({
      name: 'TimeoutError',
      message: 'no answer in 20 ms',
    });
  });

  test.each<[string, RequestListener]>([
    ['before the answer', (request) => request.socket.destroy()],
    [
      'in the middle of it',
      (request, response) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('{', () => request.socket.destroy());
      },
    ],
  ])('throws what Node says of a connection that breaks %s', async (_, listener) => {
    await using server = await serve(listener);

    await expect(createExchange()(requestTo(server.url))).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  test('throws what Node says of a server that is not there', async () => {
    const { url, ...server } = await serve(() => undefined);
    await server[Symbol.asyncDispose]();

    await expect(createExchange()(requestTo(url))).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});

describe('createCallService over HTTP', () => {
  test('gets its answer after a connection that broke and a service that had too much to do', async () => {
    let requests = 0;
    await using server = await serve((request, response) => {
      requests += 1;
      if (requests === 1) return request.socket.destroy();
      if (requests === 2) return response.writeHead(400).end('{"__type":"x#ThrottlingException"}');
      return response.end('{"MessageId":"m"}');
    });
    const call = createCallService({
      exchange: createExchange(),
      region: 'us-east-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b', sessionToken: 'c' },
      endpointOf: () => server.url,
      clock: systemClock,
      randomness: { fraction: () => 0 },
      requestMsMax: MS_MAX,
      callMsMax: MS_MAX,
    });

    expect(await call({ name: 'sqs', target: 'AmazonSQS', jsonVersion: '1.0' }, 'SendMessage', '{}')).toBe(
      '{"MessageId":"m"}',
    );
    expect(requests).toBe(3);
  });
});
