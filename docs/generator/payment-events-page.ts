/** `docs/payment-events.md`, made of the docstrings of the types, the mapping tables and one example that is really run. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { paymentLine } from '../../src/cli/payment-text.ts';
import { LIMITS } from '../../src/core/limits.ts';
import { messageOf } from '../../src/destinations/message.ts';
import type { CurrencyTable } from '../../src/payments/currencies.ts';
import type { MappingRow, ProviderMapping } from '../../src/payments/mapping.ts';
import { formatMoney } from '../../src/payments/money.ts';
import type { PaymentEventType } from '../../src/payments/payment-event.ts';
import { PAYMENT_EVENT_TYPES } from '../../src/payments/payment-event-types.ts';
import { ADYEN_CURRENCIES } from '../../src/providers/adyen/mapping/currencies.ts';
import { MAPPINGS } from '../../src/providers/mappings.ts';
import { PAYPAL_CURRENCIES } from '../../src/providers/paypal/mapping/currencies.ts';
import { providerNamed } from '../../src/providers/providers.ts';
import { SQUARE_CURRENCIES } from '../../src/providers/square/mapping/currencies.ts';
import { STRIPE_CURRENCIES } from '../../src/providers/stripe/mapping/currencies.ts';
import { coverageSection } from './coverage-section.ts';
import { arrayMembers, type Field, interfaceOf, type Member, unionMembers } from './docstrings.ts';
import { GROUPS, type Group } from './event-groups.ts';
import { examplePayment } from './example-payment.ts';
import { code, fence, table } from './markdown.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** For types whose name says it all to whoever knows the group; the rest is said by docstrings. */
const MEANINGS: Readonly<Partial<Record<PaymentEventType, string>>> = {
  'payment.canceled': 'Ended without money: canceled, voided, or expired.',
  'refund.pending': 'A refund was begun; no money has arrived yet.',
  'refund.succeeded': 'The refund was paid out (Adyen: accepted; it may still fail).',
  'refund.failed': 'The refund came back: the money is with the merchant.',
  'refund.canceled': 'The refund was called off before it was paid out.',
  'dispute.updated': 'Evidence was added, or it went a step further.',
  'review.opened': 'The provider looks at its risk: goods had better wait.',
  'review.closed': 'Looked at: see `outcome`.',
  'payout.created': 'A payout was begun.',
  'payout.updated': 'Something about it changed, but not its state.',
  'payout.pending': 'It waits, for example until somebody claims it.',
  'payout.failed': 'It did not arrive; the money is in the balance again.',
  'payout.canceled': 'It was called off.',
  'payout.returned': 'It was paid and came back.',
  'invoice.created': 'Begun; nobody has to pay it yet.',
  'invoice.payment_failed': 'A payment of it failed; the provider mostly tries again.',
  'invoice.requires_action': 'The customer has to confirm the payment.',
  'invoice.refunded': 'What was paid for it was given back.',
  'invoice.overdue': 'It was due, and is not paid.',
  'subscription.created': 'Begun; not necessarily paid.',
  'subscription.activated': 'Runs from now on.',
  'subscription.updated': 'Changed: see `status`.',
  'subscription.paused': 'Nothing is billed for now.',
  'subscription.resumed': 'Billed again after a pause.',
  'subscription.canceled': 'Ended by somebody.',
  'subscription.expired': 'Ended because its time is over.',
  'subscription.trial_ending': 'Its trial ends soon, and the first bill comes.',
  'checkout.updated': 'Something about it changed: see `status`.',
  'checkout.canceled': 'Given up by the buyer or the merchant.',
  'checkout.expired': 'Nobody paid in time.',
  'transfer.created': 'Money went to a seller.',
  'transfer.updated': 'Something about it changed: see `status`.',
  'transfer.reversed': 'Some or all of it came back: `reversedTotal` so far.',
  'transfer.failed': 'It did not arrive.',
  'platform_fee.earned': 'The platform took its part.',
  'platform_fee.refunded': 'The platform gave some of it back.',
  'payment_method.saved': 'It can be charged from now on.',
  'payment_method.updated': 'Something about it changed, such as the expiry of a card.',
  'payment_method.removed': 'It cannot be charged any more.',
  'report.failed': 'A report could not be made.',
};

const typesIn = (source: string, { types, interfaceName }: Group): readonly Member[] =>
  types.includes('.') ? [{ name: types, doc: interfaceOf(source, interfaceName).doc }] : unionMembers(source, types);

const meaningOf = ({ name, doc }: Member): string => {
  const meaning = doc === '' ? MEANINGS[name as PaymentEventType] : doc;
  if (meaning === undefined) throw new Error(`the payment event ${name} has no docstring and no meaning`);
  return meaning;
};

/** Money and times have a section each; everything else is said as TypeScript says it. */
const fieldRows = (fields: readonly Field[]): readonly (readonly string[])[] =>
  fields.filter(({ name }) => name !== 'type').map(({ name, type, doc }) => [code(name), code(type), doc]);

const NEWS = [
  [
    code('news'),
    'the newest of what it speaks about, and what it says is another than what was known: A, B and A again are three',
    'are called',
  ],
  [
    code('repeated'),
    'what was known says the same: Stripe tells one payment by its intent, its charge and its checkout',
    `only with ${code("events: 'all'")}`,
  ],
  [
    code('stale'),
    'older than what was known of its subject when it came; it is kept, and changes nothing newer',
    `only with ${code("events: 'all'")}`,
  ],
];

const FIELDS = ['Field', 'Type', 'What'];

const groupSection = (source: string, group: Group): string => {
  const { doc, fields } = interfaceOf(source, group.interfaceName);
  const types = typesIn(source, group);
  const isOneType = group.types.includes('.');
  return [
    `### ${group.title}`,
    isOneType || doc === '' ? '' : doc,
    table(
      ['Type', 'What it means'],
      types.map((member) => [code(member.name), meaningOf(member)]),
    ),
    table(FIELDS, fieldRows(fields)),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
};

const eventSections = (source: string): string => {
  const documented = new Set(GROUPS.flatMap((group) => typesIn(source, group)).map(({ name }) => name));
  const missing = PAYMENT_EVENT_TYPES.filter((type) => !documented.has(type));
  if (missing.length > 0) throw new Error(`the page has no section for ${missing.join(', ')}`);
  return GROUPS.map((group) => groupSection(source, group)).join('\n\n');
};

const rowOf = ({ providerType, gives, amountFrom, note = '' }: MappingRow): readonly string[] => [
  code(providerType),
  gives.length === 0 ? '_ignored_' : gives.map(code).join(', '),
  amountFrom === null ? '' : amountFrom,
  note,
];

/** As long as its table needs it, in the words of the provider's documents. */
const ABOUT_PROVIDERS: Readonly<Record<string, string>> = {
  stripe:
    'Amounts are fields of `data.object`. A payment is named by its PaymentIntent and its charges. One payment is told by ' +
    'several events (`charge.succeeded`, `payment_intent.succeeded`, `checkout.session.completed`); it counts once, and ' +
    'handlers are called for the first of them. Thin events (`v2.core.event`) carry no data: they end as `ignored` with ' +
    '`needs_fetch`, and a handler called `handle` can fetch what they name.',
  paypal:
    'Amounts are fields of `resource`, decimal text. The type of the event decides, not the state in the resource: the two ' +
    'disagree in real deliveries. An order, its authorizations and its captures are one payment; each authorization and ' +
    'capture is a `part` of it. A refund names only its capture.',
  square:
    'Amounts are fields of the object inside `data.object`. Square sends `payment.updated` many times in one state; all ' +
    'but the first are `repeated`. A refund or dispute with a `version` is ordered by it.',
  adyen:
    'Amounts are fields of the notification item. A delivery of several items is stored as several webhooks. What ' +
    '"succeeded" was accepted and may still fail: `CAPTURE_FAILED` and `REFUND_FAILED` come days later. Set ' +
    '`providers.adyen.isCaptureAutomatic` where your merchant account captures by itself: nothing in a webhook tells.',
};

const providerSection = ({ provider, rows }: ProviderMapping): string =>
  [
    `### ${providerNamed(provider)?.title ?? provider}`,
    ABOUT_PROVIDERS[provider] ?? '',
    table(['Provider type', 'Payment event', 'Amount', 'Note'], rows.map(rowOf)),
  ].join('\n\n');

const CURRENCIES: readonly (readonly [string, CurrencyTable])[] = [
  ['Stripe', STRIPE_CURRENCIES],
  ['PayPal', PAYPAL_CURRENCIES],
  ['Adyen', ADYEN_CURRENCIES],
];

/** Square's table is that of ISO 4217. */
const currencyDeviations = (): string =>
  CURRENCIES.map(([title, currencies]) => {
    const differing = [...currencies].filter(([currency, decimals]) => SQUARE_CURRENCIES.get(currency) !== decimals);
    return `${title} ${differing.map(([currency, decimals]) => `${currency} ${decimals}`).join(', ')}`;
  }).join('; ');

/** For people; what is sent is compact. */
const pretty = (json: string): string => JSON.stringify(JSON.parse(json), null, 2);

const exampleSection = (): string => {
  const { scenario, events, view } = examplePayment();
  const example = events.find(({ providerType }) => providerType === 'refund.created');
  if (example === undefined) throw new Error('the example has no refund');
  const message = messageOf(example, { receivedAt: (example.occurredAt ?? 0) + 1000, news: 'news' });
  const history = view.history.map(({ type, providerType, amount, status }) => [
    code(providerType),
    code(type),
    amount === null ? '' : formatMoney(amount),
    status,
  ]);
  return `A buyer pays in a checkout and sends one piece back. Stripe tells it in ${events.length} webhooks
(\`payhook send scenario ${scenario}\` sends them); in the order of what happened:

${table(['Stripe says', 'Payment event', 'Amount', 'Status of the payment'], history)}

In any order, and however often each arrives, they add up to: ${paymentLine(view)}.

This is what destinations get of \`refund.created\` (a handler gets \`data\` as an object, with \`minor\` as a bigint, and
\`news\` in its context):

${fence('json', pretty(message.body))}`;
};

const MAPPED = MAPPINGS.filter(({ rows }) => rows.length > 0);

export const paymentEventsPage = (): string => {
  const source = read('src/payments/event-source.ts');
  const paymentEvents = read('src/payments/payment-event.ts');
  const eventSource = `${paymentEvents}\n${read('src/payments/subject-event.ts')}`;
  const paymentSource = read('src/payments/payment.ts');
  const reasons = unionMembers(read('src/payments/mapping.ts'), 'IgnoredReason');
  const statuses = arrayMembers(paymentSource, 'PAYMENT_STATUSES');
  const flags = unionMembers(paymentSource, 'PaymentFlag');
  const states = new Map(unionMembers(eventSource, 'PaymentStateType').map((member) => [member.name, member]));
  const statusMeaning = ({ name, doc }: Member): string =>
    doc === '' ? meaningOf(states.get(`payment.${name}`) ?? { name, doc }) : doc;
  return `<!-- Generated from the types and the mapping tables. To change it, change those and run: npm run docs -->

# Payment events

A **payment event** is what a webhook means, in one language for all providers. Handlers ([handlers.md](handlers.md)) are
called with payment events, destinations ([destinations.md](destinations.md)) receive them, and those of one payment add up
to the **payment**. A webhook gives one event almost always, none when it says nothing about money, and several when it
speaks of several payments.

- A type that Payhook leaves out ends as \`ignored\`, with a reason; one that its catalogue does not have is counted and
  alarmed. A type that it maps, in a shape that is not the documented one, is a **dead letter**: a person looks, nothing is
  guessed. Fields that are not read change nothing, and what a provider does not promise is not required.
- What a provider does not say is \`null\`.

## An example

${exampleSection()}

## Rules

### Money

\`Money\` is \`{ minor, currency, exponent }\`: a whole number of the currency's smallest unit, the code of ISO 4217, and how
many decimals that unit has. \`{ minor: 1230n, currency: 'USD', exponent: 2 }\` is 12.30 USD.

- In code \`minor\` is a \`bigint\`; in JSON it is decimal text, because JSON numbers end at 2^53. Amounts are read from the
  text of the payload and never are floating-point numbers. At most ${LIMITS.amountDigitsMax} digits.
- **\`exponent\` is the provider's.** Stripe counts Icelandic crowns in hundredths, Square does not: compare and add amounts
  by \`exponent\`. Where providers differ from ISO 4217: ${currencyDeviations()}.
- An unknown currency, a missing amount or a negative one where none can be is a dead letter.
- \`amount\` of a payment, refund or dispute is never negative: the type says which way it went. \`captured\` and
  \`refundedTotal\` are cumulative: never add them up over events, and never add \`payment.refund_total\` to refunds.

### Ids

- \`id\` is the webhook's id (\`stripe:evt_…\`), with \`#2\`, \`#3\` after it for further events of one webhook. It is the same on
  every attempt, delivery and replay: it is the **idempotency id**.
- \`paymentId\` is the most general of the ids by which the event knows its payment, \`paymentNames\` are all of them: order,
  payment, authorization, capture, charge. PayPal's refund knows only its capture; once another event has named that
  capture together with its order, both belong to one payment, and \`payhook payments show\` finds it by any of its names.
- A payment belongs to one provider and one of its accounts.

### Order

Webhooks arrive late, twice and in any order. A payment _is_ the set of its events, each of which counts once, forever;
everything else is computed from that set. So the outcome does not depend on the order or number of deliveries. Which of
two events of one thing is the newer:

1. the one with the higher version of the object, where the provider has versions (Square); one without is older than any
   with;
2. else the later one by the time of the object's state, where the provider gives it, or of the event; one without a time
   is the oldest;
3. at the same instant the one that is further in the payment's life: created, requires_action, pending, failed,
   authorized, canceled, succeeded, refund_total, reversed. A failed attempt is below an authorization: the next attempt
   comes after it;
4. else the one with the greater id, so that there is always an answer and always the same.

An event is received, once and for all, as one of

${table(['News', 'What', 'Handlers'], NEWS)}

A refund never makes an event of the payment itself stale, nor one refund another: they are different subjects. Invoices,
subscriptions, payouts, checkouts and whatever else has an id are subjects too, each with its newest state kept.
Destinations get all three, with \`news\`.

### Time

Times are UTC milliseconds in code. \`occurredAt\` is when it happened by the provider's clock, null when it does not say.

## Fields of every event

${interfaceOf(source, 'EventSource').doc}

${table(FIELDS, fieldRows(interfaceOf(source, 'EventSource').fields))}

\`EpochMs\` is a number of milliseconds since 1970, \`Mode\` one of \`live\`, \`test\` and \`unknown\` (PayPal and Square do not
say), \`OrderingHint\` \`{ by: 'version' | 'time', value }\`.

Events about a payment, a refund or a dispute also have

${table(FIELDS, fieldRows(interfaceOf(eventSource, 'AboutPayment').fields))}

Events about anything else have

${table(FIELDS, fieldRows(interfaceOf(eventSource, 'OfSubject').fields))}

## Events

${eventSections(eventSource)}

## The payment

The state that the events of one payment add up to: \`context.payment\` in a handler, \`payhook payments list\` and
\`payhook payments show\` on the command line. At most ${LIMITS.paymentEventsMax} events; a webhook beyond that is a dead letter.

${table(
  ['Status', 'What it means'],
  statuses.map((member) => [code(member.name), statusMeaning(member)]),
)}

\`failed\` is not the end: another attempt may succeed. Refunds and disputes do not change the status: a payment that was
paid and refunded in whole is \`succeeded\`, with \`refunded\` equal to \`captured\`. \`reversed\` is one of which the provider took
back all that was left.

${table(FIELDS, fieldRows(interfaceOf(paymentSource, 'PaymentView').fields))}

- **\`captured\`** is the newest statement of each part, so events that tell of one movement of money count once.
- **\`refunded\`** is the sum of the refunds that succeeded, plus what the newest cumulative statement has beyond the refunds
  that it covers. \`charge.refunded\` beside \`refund.*\` counts once; alone it counts too.
- **\`disputed\`** is what is in disputes that were lost, or are open while the money is not back. A dispute that was won, or
  an inquiry before money has moved, is not in it.

Flags say what a person should look at; nothing is corrected silently:

${table(
  ['Flag', 'What it means'],
  flags.map((member) => [code(member.name), member.doc || FLAG_MEANINGS[member.name] || fail(member.name)]),
)}

## Providers

What each provider's event becomes, and where in the payload its amount is read.

${MAPPED.map(providerSection).join('\n\n')}

${coverageSection(MAPPED)}

## What is ignored

A webhook without a payment event ends as \`ignored\`, or as \`processed\` when a handler called \`handle\` takes it. The audit
trail and \`payhook webhooks show\` say why:

${table(
  ['Reason', 'What it means'],
  [
    ...reasons.map(({ name, doc }) => [code(name), doc]),
    [code('needs_fetch'), 'A thin event of Stripe: its data has to be fetched with your credentials.'],
  ],
)}

Simulated events (PayPal's simulator, \`isSimulated\`) become payment events and reach handlers and destinations, but change
no payment: nothing happened in the world. With \`mode\` set, webhooks of the other mode are stored and ignored before they
are mapped.
`;
};

const FLAG_MEANINGS: Readonly<Record<string, string>> = {
  captured_more_than_asked: 'By what the provider said, more was captured than the payment asks for.',
  fraud_warning: 'The bank suspects fraud (`dispute.warning`).',
};

const fail = (name: string): never => {
  throw new Error(`${name} has no docstring`);
};
