/** Webhooks, newest first. */
import type { PageJson, WebhookRow } from '../../api-types.ts';
import { commandLine } from '../command-line.ts';
import { durationText } from '../format.ts';
import { hrefOf, webhookHref } from '../location.ts';
import { causeWords } from '../parts/causes.tsx';
import { Command } from '../parts/command.tsx';
import { Export } from '../parts/export.tsx';
import { type Filter, Filters, knownParams } from '../parts/filters.tsx';
import { FirstWebhook } from '../parts/first-webhook.tsx';
import { type ForPicked, Paged } from '../parts/list.tsx';
import { Screen } from '../parts/screen.tsx';
import { State } from '../parts/state.tsx';
import type { Column } from '../parts/table.tsx';
import { Ago, Amount, Id, Name, Text, Words } from '../parts/value.tsx';
import { homeOf, mayPutBack, providerNames, session } from '../server.ts';
import { useAnswer } from '../use-answer.ts';

const ENDED: readonly string[] = ['processed', 'ignored', 'dead_lettered'];

/** From its receipt to its end. */
const tookOf = ({ status, receivedAt, changedAt }: WebhookRow): string =>
  ENDED.includes(status) ? durationText(Date.parse(changedAt) - Date.parse(receivedAt)) : '';

const Provider = ({ of }: { readonly of: WebhookRow }) => (
  <>
    {of.provider}
    {of.mode !== 'live' && <span class="mark">{of.mode}</span>}
    {of.synthetic !== null && <span class="mark">synthetic</span>}
  </>
);

export const WEBHOOK_COLUMNS: readonly Column<WebhookRow>[] = [
  { name: 'Event type', cell: ({ eventType }) => <Name of={eventType} /> },
  { name: 'Received', cell: ({ receivedAt }) => <Ago at={receivedAt} /> },
  {
    name: 'Status',
    cell: ({ status, nextAttemptAt }) => (
      <>
        <State of={status} />{' '}
        {nextAttemptAt !== null && (
          <span class="quiet">
            again <Ago at={nextAttemptAt} />
          </span>
        )}
      </>
    ),
  },
  { name: 'Provider', cell: (webhook) => <Provider of={webhook} /> },
  { name: 'Object', cell: ({ objectId }) => (objectId === null ? <Text of={null} /> : <Id of={objectId} />) },
  { name: 'Amount', isNumber: true, cell: ({ amount }) => <Amount of={amount} /> },
  { name: 'Attempts', isNumber: true, cell: ({ attempts }) => attempts },
  { name: 'Took', isNumber: true, cell: tookOf },
  { name: 'Webhook', cell: ({ webhookId }) => <Id of={webhookId} /> },
];

/** Of what was given up: why, whose money, and until when it is kept. */
const DEAD_COLUMNS: readonly Column<WebhookRow>[] = [
  ...WEBHOOK_COLUMNS.filter(({ name }) => !['Status', 'Took', 'Object'].includes(name)),
  { name: 'Cause', cell: ({ cause }) => (cause === null ? '' : <Words of={causeWords(cause)} />) },
  { name: 'Payment', cell: ({ paymentId }) => (paymentId === null ? <Text of={null} /> : <Id of={paymentId} />) },
  { name: 'Kept until', cell: ({ expiresAt }) => <Ago at={expiresAt} /> },
];

export const webhookKey = ({ webhookId, timestamp }: WebhookRow): string => `${webhookId} ${timestamp}`;
export const webhookLink = ({ webhookId }: WebhookRow): string => webhookHref(webhookId);

const filtersOf = (): readonly Filter[] => [
  {
    name: 'status',
    label: 'Status',
    kind: 'choice',
    values: [...(session.value?.statuses.webhook ?? []), 'dead_lettered,retrying'],
  },
  { name: 'provider', label: 'Provider', kind: 'choice', values: providerNames() },
  { name: 'eventType', label: 'Event type', kind: 'text', example: 'charge.*' },
  { name: 'mode', label: 'Mode', kind: 'choice', values: ['live', 'test', 'unknown'] },
  { name: 'since', label: 'Since', kind: 'text', example: '2h' },
  { name: 'until', label: 'Until', kind: 'text', example: '15m' },
  { name: 'payment', label: 'Payment', kind: 'text', example: 'any id of it', isRare: true },
  { name: 'object', label: 'Object', kind: 'text', example: 'any id', isRare: true },
  { name: 'cause', label: 'Cause', kind: 'text', example: 'handler_failed', isRare: true },
  { name: 'handler', label: 'Handler', kind: 'text', example: 'name=failed', isRare: true },
  { name: 'destination', label: 'Destination', kind: 'text', example: 'name=given_up', isRare: true },
  { name: 'secret', label: 'Secret', kind: 'text', example: 'its id', isRare: true },
  { name: 'origin', label: 'Origin', kind: 'choice', values: ['delivery', 'reconciliation'], isRare: true },
  { name: 'cardData', label: 'Card data', kind: 'choice', values: ['found', 'none'], isRare: true },
  { name: 'account', label: 'Account', kind: 'text', example: 'an id', isRare: true },
];

const FOR_PICKED: readonly ForPicked[] = [
  { label: 'Redrive these…', path: '/redrive' },
  { label: 'Replay these…', path: '/replay' },
];

export const Webhooks = () => {
  const filters = filtersOf();
  const params = knownParams(filters);
  const actions = (
    <>
      <RedriveThese params={params} />
      <Export list="webhooks" params={params} />
      <Command line={commandLine(homeOf(), ['webhooks', 'list'], params)} />
    </>
  );
  const path = hrefOf('/api/webhooks', params);
  const asked = useAnswer<PageJson<WebhookRow>>(path);
  return (
    <Screen title="Webhooks" actions={actions}>
      <Filters filters={filters} />
      <Paged
        caption="Webhooks, newest first"
        columns={
          params.some(([name, value]) => name === 'status' && value === 'dead_lettered')
            ? DEAD_COLUMNS
            : WEBHOOK_COLUMNS
        }
        asked={asked}
        path={path}
        keyOf={webhookKey}
        linkOf={webhookLink}
        forPicked={mayPutBack() ? FOR_PICKED : []}
        empty={params.length > 0 ? <p>No webhook is like that.</p> : <FirstWebhook />}
      />
    </Screen>
  );
};

const NOT_ASKED: readonly string[] = ['status', 'after', 'limit'];
/** What a destination gave up is sent again from its screen; the others are no question of whoever puts back. */
const NOT_OF_JOBS: readonly string[] = ['destination', 'secret', 'origin', 'cardData'];

/** For a list of dead letters that something narrows: its filter, and not what of it is on the screen. */
const RedriveThese = ({ params }: { readonly params: ReturnType<typeof knownParams> }) => {
  const filter = params.filter(([name]) => !NOT_ASKED.includes(name));
  const isOfDead = params.some(([name, value]) => name === 'cause' || (name === 'status' && value === 'dead_lettered'));
  const isOfOthers = params.some(([name]) => NOT_OF_JOBS.includes(name));
  if (!isOfDead || isOfOthers || filter.length === 0 || !mayPutBack()) return null;
  return (
    <a class="button" data-key="r" href={hrefOf('/redrive', filter)}>
      Redrive all of these…
    </a>
  );
};
