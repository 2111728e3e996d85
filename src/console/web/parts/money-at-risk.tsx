/** How much hangs on what is stuck: a bound, each payment once, currencies apart. */
import type { StuckJson } from '../../api-types.ts';
import { countText, moneyText } from '../format.ts';
import type { Asked } from '../use-answer.ts';
import { Looked } from './looked.tsx';
import { Ago, Time } from './value.tsx';

const MEANING =
  'At most: payments with a webhook that was given up, or has waited for more than 15 minutes. What was captured, else what was asked for. Each payment counts once; currencies are never added up.';

export interface MoneyAtRiskProps {
  readonly of: StuckJson;
  /** What it is out of. */
  readonly asked: Asked<unknown>;
  /** Events that destinations gave up. @default none is said */
  readonly givenUp?: number;
}

/** A bound is one of what was looked at alone. */
export const LookedBackTo = ({ at }: { readonly at: string | null }) =>
  at === null ? null : (
    <p class="quiet">
      Looked back to <Time at={at} /> and no further: what is older is not counted.
    </p>
  );

export const MoneyAtRisk = ({ of, asked, givenUp = 0 }: MoneyAtRiskProps) => {
  const { money, payments, webhooks, withoutAmount, deadLettered, waiting, oldestAt } = of;
  return (
    <section class={`risk ${webhooks === 0 ? 'none-at-risk' : ''}`} aria-labelledby="risk-title">
      <h2 id="risk-title">
        Money at risk
        <details class="command">
          <summary class="button" aria-label="What is money at risk?">
            ?
          </summary>
          <div class="popup">{MEANING}</div>
        </details>
      </h2>
      <ul>
        {money.map((sum) => (
          <li key={`${sum.currency}${sum.exponent}`}>{moneyText(sum)}</li>
        ))}
        {money.length === 0 && <li>{webhooks === 0 ? 'None' : 'No amount is known'}</li>}
      </ul>
      <p class="quiet">
        {countText(webhooks)} {webhooks === 1 ? 'webhook' : 'webhooks'} · {countText(payments)}{' '}
        {payments === 1 ? 'payment' : 'payments'}, each counted once
        {withoutAmount > 0 && <> · {countText(withoutAmount)} without an amount</>}
        {oldestAt !== null && (
          <>
            {' '}
            · the oldest <Ago at={oldestAt} />
          </>
        )}
      </p>
      <div class="risk-foot">
        <p class="quiet">
          dead letters {countText(deadLettered)} · waiting for long {countText(waiting)}
          {givenUp > 0 && <> · events given up at destinations {countText(givenUp)}</>}
        </p>
        <Looked at={asked} />
      </div>
    </section>
  );
};
