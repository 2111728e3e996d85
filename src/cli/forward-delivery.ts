/**
 * Hands genuine deliveries on as they came, bytes and headers alike, to an application that verifies them for itself. For
 * development: what the application does not take is not sent again, the webhook is stored all the same.
 */
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { PayhookError } from '../core/errors.ts';
import { LIMITS } from '../core/limits.ts';
import type { Delivery } from '../core/ports/provider.ts';
import type { ServeInput } from '../homes/local/serve.ts';
import type { CommandContext } from './command-context.ts';
import { clockText } from './delivery-log.ts';
import { shortId } from './short-id.ts';

/** They belong to the connection that a delivery came on (RFC 9110, 7.6.1), or to how its body was carried. */
const OF_THE_CONNECTION = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

export interface Forward {
  readonly take: NonNullable<ServeInput['onReceived']>;
  /** Gives up what is under way. */
  close(): Promise<void>;
}

const targetOf = (pattern: string, provider: string, query: string): URL => {
  const target = new URL(pattern.replaceAll('{provider}', provider));
  if (query !== '') target.search = target.search === '' ? query : `${target.search}&${query}`;
  return target;
};

/** Throws `usage_wrong` when deliveries cannot go there. */
const checkTarget = (pattern: string): void => {
  const example = pattern.replaceAll('{provider}', 'any');
  if (URL.canParse(example) && /^https?:$/.test(new URL(example).protocol)) return;
  throw new PayhookError(
    'usage_wrong',
    `--forward ${pattern}: give a URL such as http://localhost:3000/webhooks/{provider}`,
  );
};

/** Resolves with the status; the answer's body is nobody's. */
const post = (target: URL, { body, headers }: Delivery, signal: AbortSignal): Promise<number> =>
  new Promise((resolve, reject) => {
    const request = target.protocol === 'https:' ? requestHttps : requestHttp;
    const passed = [...headers].filter(([name]) => !OF_THE_CONNECTION.has(name));
    const sent = request(target, {
      method: 'POST',
      headers: {
        ...Object.fromEntries(passed.map(([name, values]) => [name, [...values]])),
        'content-length': body.length,
      },
      signal,
    });
    sent.on('error', reject);
    sent.on('response', (response) => {
      response.on('error', reject);
      response.on('end', () => resolve(response.statusCode ?? 0));
      response.resume();
    });
    sent.end(body);
  });

/** Of an error, what a person recognises: `ECONNREFUSED`. */
const causeOf = (error: unknown): string =>
  error instanceof Error ? String(Reflect.get(error, 'code') ?? error.message) : String(error);

export const createForward = (context: CommandContext, pattern: string): Forward => {
  checkTarget(pattern);
  const stopping = new AbortController();
  const underway = new Set<Promise<void>>();
  const tell = (text: string): void => context.print(`${clockText(context.clock.now())}    ${text}`);

  const hand = async (provider: string, delivery: Delivery, webhookId: string): Promise<void> => {
    const seconds = context.clock.stopwatch();
    try {
      const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(LIMITS.forwardMsMax)]);
      const status = await post(targetOf(pattern, provider, delivery.query), delivery, signal);
      const how = status >= 200 && status < 300 ? 'forwarded' : 'not_taken';
      tell(`${how}      ${status}  ${shortId(webhookId)}  ${Math.round(seconds() * 1000)} ms`);
    } catch (error) {
      if (!stopping.signal.aborted) tell(`not_forwarded  ${causeOf(error)}  ${shortId(webhookId)}`);
    }
  };
  return {
    take({ providerName, delivery }, outcome) {
      if (outcome.outcome !== 'accepted' && outcome.outcome !== 'duplicate') return;
      const webhookId = outcome.events[0]?.webhookId ?? '';
      if (underway.size >= LIMITS.forwardsUnderwayMax) {
        tell(`not_forwarded  too many at a time  ${shortId(webhookId)}`);
        return;
      }
      const handed = hand(providerName, delivery, webhookId).finally(() => underway.delete(handed));
      underway.add(handed);
    },
    async close() {
      stopping.abort();
      await Promise.all(underway);
    },
  };
};
