/** The least that an HTTP destination does, as a process of its own: reads the message, counts it, answers 204. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

let received = 0;

const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    received += 1;
    response.writeHead(204).end();
  });
});

server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on('message', () => process.send?.({ received }));
process.on('disconnect', () => process.exit());
