/** Reads a request's body as bytes, bounded: never more than the limit is kept in memory. */
import type { IncomingMessage } from 'node:http';

export type BodyOutcome =
  | { readonly outcome: 'read'; readonly body: Uint8Array }
  | { readonly outcome: 'too_large' }
  /** The sender went away, or sent less than it announced. */
  | { readonly outcome: 'cut_off' };

/** An announced length above the limit is refused without reading; a body without a length is counted. */
export const readBody = (request: IncomingMessage, bytesMax: number): Promise<BodyOutcome> => {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > bytesMax) return Promise.resolve({ outcome: 'too_large' });
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const onData = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes > bytesMax) {
        // What was read is dropped and the rest is not kept: whoever answers closes the connection.
        chunks.length = 0;
        request.off('data', onData);
        request.pause();
        resolve({ outcome: 'too_large' });
        return;
      }
      chunks.push(chunk);
    };
    request.on('data', onData);
    request.on('end', () =>
      resolve({ outcome: 'read', body: chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks) }),
    );
    request.on('error', () => resolve({ outcome: 'cut_off' }));
    request.on('close', () => resolve({ outcome: 'cut_off' }));
  });
};

/** What the body may come to: as announced, or the limit when nothing is announced; one above the limit is not read. */
export const bodyBytesToExpect = (request: IncomingMessage, bytesMax: number): number => {
  const announced = Number(request.headers['content-length'] ?? bytesMax);
  return announced <= bytesMax ? announced : 0;
};
