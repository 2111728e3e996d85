/** Alerts whose receiver is at hand: in memory, behind a `fetch` and behind a client of SNS that a test answers for. */
import type { PublishCommandInput } from '@aws-sdk/client-sns';
import { createSnsAlerts } from '../../src/adapters/aws/telemetry/sns-alerts.ts';
import { createHttpAlerts } from '../../src/adapters/http/http-alerts.ts';
import { createMemoryAlerts, createMemoryLogger } from '../../src/adapters/memory/memory-recorders.ts';
import type { Alert, AlertKind } from '../../src/core/ports/alerts.ts';
import { createTestClock } from '../support/clock.ts';
import type { AlertsHarness, OpenAlertsInput } from './alerts-contract.ts';
import type { Adapter } from './contract-tests.ts';

export const URL_OF_RECEIVER = 'https://alerts.example.com/payhook';

interface Posted {
  readonly url: string;
  readonly init: RequestInit;
  readonly alert: Alert;
}

export const openHttpAlerts = ({ receiver, url = URL_OF_RECEIVER }: OpenAlertsInput & { url?: string | null }) => {
  const posts: Posted[] = [];
  const logger = createMemoryLogger();
  const clock = createTestClock();
  const answer = Promise.withResolvers<Response>();
  if (receiver === 'takes') answer.resolve(new Response(null, { status: 204 }));
  if (receiver === 'fails') answer.reject(new TypeError(`fetch failed: ${URL_OF_RECEIVER}?token=canary`));
  const fakeFetch = (input: Parameters<typeof fetch>[0], init: RequestInit = {}): Promise<Response> => {
    posts.push({ url: String(input), init, alert: JSON.parse(String(init.body)) });
    return answer.promise;
  };
  const alerts = createHttpAlerts({ url, logger, clock, fetch: fakeFetch });
  return { alerts, received: () => posts.map(({ alert }) => alert), posts, logger, clock, answer };
};

export const TOPIC = 'arn:aws:sns:us-east-1:123456789012:topic-critical-alerts-dev';

/** With a client that hands over what it is to publish instead of sending it. */
export const openSnsAlerts = ({ receiver }: OpenAlertsInput) => {
  const published: PublishCommandInput[] = [];
  const signals: AbortSignal[] = [];
  const counted: AlertKind[] = [];
  const logger = createMemoryLogger();
  const clock = createTestClock();
  const answer = Promise.withResolvers<never>();
  if (receiver === 'takes') answer.resolve({} as never);
  if (receiver === 'fails') answer.reject(Object.assign(new Error('canary'), { name: 'ThrottledException' }));
  const alerts = createSnsAlerts({
    client: {
      publish: (input, { abortSignal }) => {
        published.push(input);
        signals.push(abortSignal);
        const aborted = Promise.withResolvers<never>();
        abortSignal.addEventListener('abort', () => aborted.reject(abortSignal.reason));
        return Promise.race([answer.promise, aborted.promise]);
      },
    },
    topicArn: TOPIC,
    clock,
    logger,
    metrics: { alertRaised: (kind) => counted.push(kind) },
  });
  const received = (): Alert[] => published.map(({ Message: message = '' }) => JSON.parse(message));
  return { alerts, received, published, signals, counted, logger, clock };
};

const openMemoryAlerts = () => {
  const alerts = createMemoryAlerts();
  return { alerts, received: () => alerts.raised };
};

export const ALERTS: readonly Adapter<(input: OpenAlertsInput) => AlertsHarness>[] = [
  {
    name: 'memory',
    open: openMemoryAlerts,
    skip: [{ test: 'thins a flood of one kind', reason: 'a test wants to see every alert; the array is bounded' }],
  },
  { name: 'http', open: openHttpAlerts },
  { name: 'sns', open: openSnsAlerts },
];
