/** Whatever id somebody pastes: one hit opens, several are listed. */
import { useEffect } from 'preact/hooks';
import type { FoundJson } from '../../api-types.ts';
import { commandLine } from '../command-line.ts';
import { hrefOf, paymentHref, place, replaceWith, webhookHref } from '../location.ts';
import { Command } from '../parts/command.tsx';
import { Unanswered } from '../parts/problem.tsx';
import { Screen } from '../parts/screen.tsx';
import { Table } from '../parts/table.tsx';
import { Id, Time } from '../parts/value.tsx';
import { homeOf } from '../server.ts';
import { useAnswer } from '../use-answer.ts';
import { PAYMENT_COLUMNS, paymentKey, paymentLink } from './payments.tsx';
import { WEBHOOK_COLUMNS, webhookKey, webhookLink } from './webhooks.tsx';

/** Where the only thing that was found is. */
const onlyHit = ({ webhooks, payments }: FoundJson): string | null => {
  const [webhook] = webhooks;
  const [payment] = payments;
  if (webhooks.length + payments.length !== 1) return null;
  return webhook !== undefined
    ? webhookHref(webhook.webhookId)
    : payment === undefined
      ? null
      : paymentHref(payment.provider, payment.paymentId);
};

export const Find = () => {
  const id = place.value.params.get('q') ?? '';
  return (
    <Screen title="Find" actions={<Command line={commandLine(homeOf(), ['find', id])} />}>
      {id === '' ? (
        <p class="empty">Paste an id into the box above: of a webhook, a payment, a refund, a customer, a trace.</p>
      ) : (
        <Found id={id} />
      )}
    </Screen>
  );
};

const Found = ({ id }: { readonly id: string }) => {
  const { answer, problem, reload } = useAnswer<FoundJson>(hrefOf('/api/find', [['q', id]]));
  const hit = answer === null ? null : onlyHit(answer);
  useEffect(() => {
    if (hit !== null) replaceWith(hit);
  }, [hit]);
  if (answer === null) return <Unanswered why={problem} retry={reload} />;
  const { webhooks, payments, scannedUntil } = answer;
  return (
    <>
      {webhooks.length + payments.length === 0 && (
        <div class="empty">
          <p>
            Nothing was found for <Id of={id} />.
          </p>
          <p>
            Ids are found as a whole, never by a part of them or by what a payload says. A webhook that never came in is
            not here: see what was turned away under <a href="/deliveries">Deliveries</a>.
          </p>
        </div>
      )}
      {payments.length > 0 && (
        <>
          <h2>Payments</h2>
          <Table
            caption="Payments"
            columns={PAYMENT_COLUMNS}
            items={payments}
            keyOf={paymentKey}
            linkOf={paymentLink}
          />
        </>
      )}
      {webhooks.length > 0 && (
        <>
          <h2>Webhooks</h2>
          <Table
            caption="Webhooks"
            columns={WEBHOOK_COLUMNS}
            items={webhooks}
            keyOf={webhookKey}
            linkOf={webhookLink}
          />
        </>
      )}
      {scannedUntil !== null && (
        <p class="quiet">
          No index knows such ids: nothing older than <Time at={scannedUntil} /> was looked at.
        </p>
      )}
    </>
  );
};
