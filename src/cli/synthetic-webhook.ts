/** One synthetic webhook, from its signature to the last entry of its audit trail. */
import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { readRecord, webhookChain } from '../audit/audit.ts';
import { LIMITS } from '../core/limits.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Provider, SignedDelivery } from '../core/ports/provider.ts';
import { hasEnded, type WebhookStatus } from '../core/status.ts';
import type { SyntheticReach, Webhook } from '../core/webhook.ts';
import type { OperatorHome } from '../homes/operator-home.ts';
import { SYNTHETIC_HEADER, syntheticMark } from '../receive/synthetic-mark.ts';
import { type Post, postDelivery } from './post-delivery.ts';
import type { Signing } from './sign-delivery.ts';

/** Where a webhook has to get to. */
type VerifiedStage = 'answered' | 'processed' | 'audited';

export interface VerifiedProvider {
  readonly provider: string;
  /**
   * `verified`: it came all the way. `turned_away`: we cannot sign as this provider does, and what was not signed was
   * rejected, as it should be. `no_secret`: the home has none for it, and nothing was sent.
   */
  readonly outcome: 'verified' | 'turned_away' | 'no_secret' | 'failed';
  readonly webhookId: string | null;
  readonly status: WebhookStatus | null;
  /** Milliseconds since it was sent, of each stage that it got to. */
  readonly ms: Readonly<Partial<Record<VerifiedStage, number>>>;
  /** Why it failed, and what to do; null when it did not. */
  readonly problem: string | null;
}

export interface SyntheticWebhookInput {
  readonly home: Pick<OperatorHome, 'store' | 'auditLog'>;
  readonly provider: Provider;
  /** `only_provider` where nobody else can sign. */
  readonly signing: Signing | 'only_provider' | 'no_secret';
  readonly url: URL;
  readonly body: Uint8Array;
  readonly reach: SyntheticReach;
  readonly clock: Clock;
  readonly waitMsMax: number;
}

const LOOK_EVERY_MS = 50;

export const sendSynthetic = async (input: SyntheticWebhookInput): Promise<VerifiedProvider> => {
  const { provider, signing, url, body } = input;
  if (signing === 'no_secret') {
    const problem = `the home has no signing secret of ${provider.name}: payhook secrets set ${provider.name}`;
    return { provider: provider.name, outcome: 'no_secret', webhookId: null, status: null, ms: {}, problem };
  }
  if (signing === 'only_provider') return turnedAway(provider, await postDelivery(url, { body, headers: {} }));
  const startedAt = input.clock.now();
  const answer = await postDelivery(url, marked(input, signing));
  return follow(input, startedAt, answer);
};

const marked = ({ provider, body, reach }: SyntheticWebhookInput, { sign, secret }: Signing): SignedDelivery => {
  const signed = sign(body);
  const bodySha256 = createHash('sha256').update(signed.body).digest('hex');
  const mark = syntheticMark({ provider, bodySha256 }, secret, reach);
  return { body: signed.body, headers: { ...signed.headers, [SYNTHETIC_HEADER]: mark } };
};

const REJECTED = 401;

const turnedAway = ({ name, title }: Provider, { httpStatus, durationMs }: Post): VerifiedProvider => {
  const shared = { provider: name, webhookId: null, status: null, ms: { answered: durationMs } };
  return httpStatus === REJECTED
    ? { ...shared, outcome: 'turned_away', problem: null }
    : {
        ...shared,
        outcome: 'failed',
        problem: `what was not signed by ${title} was answered ${httpStatus} instead of ${REJECTED}`,
      };
};

const follow = async (input: SyntheticWebhookInput, startedAt: number, answer: Post): Promise<VerifiedProvider> => {
  const { provider, clock, waitMsMax, home } = input;
  const { httpStatus, webhookId = null, durationMs } = answer;
  const ms: Partial<Record<VerifiedStage, number>> = { answered: durationMs };
  const failed = (problem: string, webhook?: Webhook): VerifiedProvider => ({
    provider: provider.name,
    outcome: 'failed',
    webhookId,
    status: webhook?.status ?? null,
    ms,
    problem,
  });
  if (httpStatus !== 200 || webhookId === null) {
    return failed(`it was answered ${httpStatus} ${answer.error ?? ''}`.trim());
  }
  const until = startedAt + waitMsMax;
  const since = (): number => clock.now() - startedAt;
  for (let webhook: Webhook | undefined; ; await pause(LOOK_EVERY_MS)) {
    const isLate = clock.now() >= until;
    [webhook] = await home.store.find(webhookId);
    if (webhook !== undefined && webhook.synthetic !== input.reach) {
      return failed(
        'it was stored as if it were the provider’s: the home is of a release that knows no marks',
        webhook,
      );
    }
    if (webhook !== undefined && hasEnded(webhook.status)) {
      ms.processed ??= since();
      if (webhook.status === 'dead_lettered') return failed(webhook.lastError ?? 'it is a dead letter', webhook);
      if (await isAudited(home, webhook)) {
        ms.audited = since();
        const { status } = webhook;
        return { provider: provider.name, outcome: 'verified', webhookId, status, ms, problem: null };
      }
    }
    if (isLate) return failed(lateAt(webhook, waitMsMax), webhook);
  }
};

const isAudited = async (
  { auditLog }: SyntheticWebhookInput['home'],
  { webhookId, timestamp, status }: Webhook,
): Promise<boolean> => {
  const last = (await auditLog.chain(webhookChain(webhookId, timestamp), LIMITS.listLimitMax)).at(-1);
  return last !== undefined && readRecord(last).change?.to === status;
};

const lateAt = (webhook: Webhook | undefined, waitMsMax: number): string => {
  const within = `within ${waitMsMax} ms`;
  if (webhook === undefined) return `it was answered 200 and is not stored ${within}: the address is of another home`;
  if (!hasEnded(webhook.status)) return `it was stored and not processed ${within}: is anybody reading the work queue?`;
  return `it was processed and not audited ${within}: is the change feed moving?`;
};
