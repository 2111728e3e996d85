/**
 * Tells a page that something has changed, and never what: it asks for what it shows itself. Server-sent events
 * (https://html.spec.whatwg.org/multipage/server-sent-events.html) with the number of the state; the first says the present
 * one, so that whoever comes back after a while knows whether anything was missed.
 */
import { Hono } from 'hono';
import { type SSEStreamingApi, streamSSE } from 'hono/streaming';
import { LIMITS } from '../../core/limits.ts';
import { SECOND_MS } from '../../core/time.ts';
import type { ConsoleDeps } from './console-deps.ts';
import { type ConsoleEnv, refusal } from './guard.ts';
import type { Sessions } from './sessions.ts';

export const hintRoutes = ({ home: { version, clock } }: ConsoleDeps, sessions: Sessions) => {
  /** Streams that are open, by session. */
  const open = new Map<string, number>();
  let openInAll = 0;
  const count = (sessionId: string, by: 1 | -1): void => {
    openInAll += by;
    const streams = (open.get(sessionId) ?? 0) + by;
    if (streams === 0) open.delete(sessionId);
    else open.set(sessionId, streams);
  };
  /** The more pages, the seldomer each is told: what they all ask for then stays about the same. */
  const hintMsMin = (): number =>
    Math.max(LIMITS.consoleHintMsMin, (openInAll * SECOND_MS) / LIMITS.consoleHintsPerSecondMax);

  const tell = async (stream: SSEStreamingApi, look: () => Promise<number>, sessionId: string): Promise<void> => {
    let told: number | undefined;
    let sinceNews = clock.stopwatch();
    let quiet = clock.stopwatch();
    while (!stream.aborted && sessions.find(sessionId, false) !== undefined) {
      // Looked at each time: that the store is away is told by this stream's end, and waits for nothing.
      const now = await look();
      const mayTell = told === undefined || sinceNews() * SECOND_MS >= hintMsMin();
      const isNews = now !== told && mayTell;
      const isQuiet = quiet() * SECOND_MS >= LIMITS.consoleHeartbeatMs;
      if (isNews) await stream.writeSSE({ event: 'changed', data: JSON.stringify({ version: now }) });
      else if (isQuiet) await stream.write(':\n\n');
      if (isNews) {
        sinceNews = clock.stopwatch();
        told = now;
      }
      if (isNews || isQuiet) quiet = clock.stopwatch();
      await stream.sleep(LIMITS.consoleLookMs);
    }
  };

  return new Hono<ConsoleEnv>().get('/', (context) => {
    // A page that gets no content does not come back for hints: it asks for what it shows now and then.
    if (version === undefined) return context.body(null, 204);
    const sessionId = context.get('sessionId');
    if ((open.get(sessionId) ?? 0) >= LIMITS.consoleStreamsPerSessionMax) {
      return refusal(context, 429, 'too_many_streams', 'this session has enough streams of hints open');
    }
    count(sessionId, 1);
    return streamSSE(context, async (stream) => {
      try {
        await tell(stream, version, sessionId);
      } catch {
        // A store that cannot be read is told to whoever asks for something; here the stream ends, and the page comes back.
      } finally {
        count(sessionId, -1);
      }
    });
  });
};
