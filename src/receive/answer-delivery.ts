/**
 * One delivery to one answer, the same in both homes: rules that need no body → body → receive, within its time → audit
 * entry when it is turned away → answer → one log line and one count. A home brings the request and sends the answer.
 */
import { asPayhookError, PayhookError } from '../core/errors.ts';
import { LIMITS } from '../core/limits.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Delivery } from '../core/ports/provider.ts';
import type { Sender } from '../core/shares.ts';
import { type Answer, answerOf, answerOfError, answerOfRefusal } from './answer.ts';
import { type RequestFacts, refusalOf } from './edge-rules.ts';
import type { RejectedDeliveryInput } from './keep-rejected.ts';
import type { ReceiveInput, ReceiveOutcome } from './receive.ts';
import {
  type DeliveryFacts,
  type ReportDeps,
  reportReceived,
  reportRefused,
  reportUnavailable,
  type Telling,
} from './report-delivery.ts';
import type { RefusalReason, TurnedAway, TurnedAwayDelivery } from './turned-away.ts';

export interface AnswerDeliveryDeps extends ReportDeps {
  readonly receive: (input: ReceiveInput) => Promise<ReceiveOutcome>;
  readonly turnedAway: Pick<TurnedAway, 'record'>;
  /** Keeps what was not found genuine; never throws. @default it is not kept */
  readonly keepRejected?: (input: RejectedDeliveryInput) => Promise<void>;
  readonly clock: Clock;
  /** @default LIMITS.deliveryMsMax */
  readonly deliveryMsMax?: number;
}

/** What a home knows of a request beside its bytes. */
export interface DeliveryContext extends Omit<DeliveryFacts, 'seconds' | 'sourceAddress'> {
  readonly sender: Sender;
  /** Names the delivery in the webhook, its attempts and its audit entries. */
  readonly traceId: string;
  /** Seconds since the first byte of the request. */
  readonly seconds: () => number;
  /** What the home itself has left for the delivery; it is answered before that. @default no limit of the home's own */
  readonly remainingMs?: () => number;
}

export type ReadDelivery =
  | {
      readonly outcome: 'read';
      readonly delivery: Delivery;
      /** Called once, when nothing goes on for the delivery any more. That is after the answer when its time was up. */
      readonly onEnded?: () => void;
    }
  | { readonly outcome: 'refused'; readonly reason: RefusalReason }
  /** The home has answered and reported it meanwhile, or there is nobody left to answer. */
  | { readonly outcome: 'answered' };

export interface AnswerDelivery {
  /**
   * The answer, to be sent once this resolves; null when there is none to send. A 2xx only after every webhook of the
   * delivery is stored and queued. Beyond its time it is answered 503: what goes on behind it may still be stored, and
   * is a duplicate when the provider comes again. Never throws.
   */
  answer(facts: RequestFacts, read: () => Promise<ReadDelivery>, context: DeliveryContext): Promise<Answer | null>;
  /** For what a home turns away by limits of its own, and for what its parser could not read. Never throws. */
  refuse(reason: RefusalReason, context: DeliveryContext, retryAfterSeconds?: number): Promise<Answer>;
}

export const createAnswerDelivery = (deps: AnswerDeliveryDeps): AnswerDelivery => {
  const refuse: AnswerDelivery['refuse'] = async (reason, context, retryAfterSeconds) => {
    const telling = await recordTurnedAway(deps, context, 'refused', reason);
    const answer = answerOfRefusal(reason, retryAfterSeconds);
    reportRefused(deps, factsOf(context), reason, answer, telling);
    return answer;
  };

  const receiveInTime = async (input: ReceiveInput, context: DeliveryContext, onEnded = nothing): Promise<Answer> => {
    const receiving = deps.receive(input);
    try {
      const outcome = await inTime(receiving, timeOf(deps, context));
      const isTurnedAway = outcome.outcome === 'rejected' || outcome.outcome === 'unavailable';
      const telling = isTurnedAway ? await recordTurnedAway(deps, context, outcome.outcome, outcome.reason) : 'told';
      // One of too many is not kept either.
      if (outcome.outcome === 'rejected' && telling === 'told') {
        await deps.keepRejected?.({ ...input, sender: context.sender, reason: outcome.reason });
      }
      const answer = answerOf(outcome);
      reportReceived(deps, factsOf(context), outcome, answer, input.delivery, telling);
      return answer;
    } finally {
      void receiving.then(onEnded, onEnded);
    }
  };

  return {
    refuse,
    async answer(request, read, context) {
      try {
        const refusal = refusalOf(request);
        if (refusal !== undefined) return await refuse(refusal, context);
        const receivedAt = deps.clock.now();
        const body = await read();
        if (body.outcome === 'answered') return null;
        if (body.outcome === 'refused') return await refuse(body.reason, context);
        const { provider: providerName, traceId } = context;
        const input = { providerName, delivery: body.delivery, receivedAt, traceId };
        return await receiveInTime(input, context, body.onEnded);
      } catch (thrown) {
        const error = asPayhookError(thrown);
        const answer = answerOfError(error.code);
        const telling = await recordTurnedAway(deps, context, 'unavailable', error.code);
        reportUnavailable(deps, factsOf(context), error, answer, telling);
        return answer;
      }
    },
  };
};

const nothing = (): void => {};

const factsOf = ({ requestId, sender, provider, seconds }: DeliveryContext): DeliveryFacts => ({
  requestId,
  sourceAddress: sender.address,
  provider,
  seconds: seconds(),
});

const timeOf = ({ deliveryMsMax = LIMITS.deliveryMsMax }: AnswerDeliveryDeps, context: DeliveryContext): number =>
  Math.min(deliveryMsMax, context.remainingMs?.() ?? deliveryMsMax);

const inTime = (receiving: Promise<ReceiveOutcome>, ms: number): Promise<ReceiveOutcome> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new PayhookError('store_unavailable', `the delivery was not stored within ${ms} ms`)),
      ms,
    );
    const settle =
      <Value>(end: (value: Value) => void) =>
      (value: Value): void => {
        clearTimeout(timer);
        end(value);
      };
    receiving.then(settle(resolve), settle(reject));
  });

/** A trail that cannot take the entry must not turn a 401 into something else: it is logged instead. */
const recordTurnedAway = async (
  { turnedAway, logger }: AnswerDeliveryDeps,
  { provider, sender, requestId }: DeliveryContext,
  outcome: TurnedAwayDelivery['outcome'],
  reason: TurnedAwayDelivery['reason'],
): Promise<Telling> => {
  try {
    return await turnedAway.record({ provider, reason, outcome, sender, requestId });
  } catch (thrown) {
    const { code, message } = asPayhookError(thrown);
    logger.error('audit.not_written', { code, message, reason, request_id: requestId });
    return 'told';
  }
};
