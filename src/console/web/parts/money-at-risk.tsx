/** How much hangs on what is stuck: a bound, each payment once, currencies apart. */
import type { AtRiskJson } from '../../api-types.ts';
import { countText, moneyText } from '../format.ts';

const MEANING =
  'At most: payments with a webhook that was given up, or has waited for more than 15 minutes. What was captured, else what was asked for. Each payment counts once; currencies are never added up.';

export const MoneyAtRisk = ({ of: { money, payments, webhooks, withoutAmount } }: { readonly of: AtRiskJson }) => (
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
    </p>
  </section>
);
