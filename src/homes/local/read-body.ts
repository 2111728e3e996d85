/** Reads a request's body as bytes, bounded: by size, by what its sender may hold, and by how fast it comes. */
import type { IncomingMessage } from 'node:http';
import type { BodyWatch } from './body-watch.ts';

export type BodyOutcome =
  | { readonly outcome: 'read'; readonly body: Uint8Array }
  | { readonly outcome: 'too_large' }
  /** There was no room for what came. */
  | { readonly outcome: 'no_room' }
  /** Too little came for too long. */
  | { readonly outcome: 'too_slow' }
  /** The sender went away, or sent less than it announced. */
  | { readonly outcome: 'cut_off' };

export interface BodyLimits {
  readonly bytesMax: number;
  /** Takes room for bytes that have come; false when there is none. Whoever asked gives it back, whatever the outcome. */
  readonly take: (bytes: number) => boolean;
  readonly watch: BodyWatch;
}

/** An announced length above the limit is refused without reading; nothing is held for what is only announced. */
export const readBody = (request: IncomingMessage, { bytesMax, take, watch }: BodyLimits): Promise<BodyOutcome> => {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > bytesMax) return Promise.resolve({ outcome: 'too_large' });
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const end = (outcome: BodyOutcome): void => {
      watching.end();
      resolve(outcome);
    };
    /** What was read is dropped and the rest is not kept: whoever answers closes the connection. */
    const giveUp = (outcome: 'too_large' | 'no_room' | 'too_slow'): void => {
      chunks.length = 0;
      request.off('data', onData);
      request.pause();
      end({ outcome });
    };
    const onData = (chunk: Buffer): void => {
      bytes += chunk.length;
      watching.bytes = bytes;
      if (bytes > bytesMax) giveUp('too_large');
      else if (take(chunk.length)) chunks.push(chunk);
      else giveUp('no_room');
    };
    const watching = watch.begin(() => giveUp('too_slow'));
    request.on('data', onData);
    request.on('end', () =>
      end({ outcome: 'read', body: chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks) }),
    );
    request.on('error', () => end({ outcome: 'cut_off' }));
    request.on('close', () => end({ outcome: 'cut_off' }));
  });
};
