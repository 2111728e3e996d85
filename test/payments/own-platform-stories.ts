/** Life stories of our own of platforms: what is paid out, comes back, and what the accounts of sellers may do. */
import { START, type Story, story } from './own-story.ts';
import { adyenPlatformWebhook, paypalEvent, stripeEvent, type Wire } from './webhooks.ts';

const SELLER = 'acct_seller1';

/** An event of a seller's account, as the platform's endpoint gets it. */
const ofSeller = (type: string, second: number, object: object, more: object = {}): Wire =>
  stripeEvent(type, object, { account: SELLER, created: START + second, ...more });

const ofPlatform = (type: string, second: number, object: object): Wire =>
  stripeEvent(type, object, { created: START + second });

const payout = (id: string, amount: number, status: string, more: object = {}): object => ({
  id,
  object: 'payout',
  amount,
  currency: 'usd',
  original_payout: null,
  reversed_by: null,
  status,
  ...more,
});

const transfer = (reversed: number, more: object = {}): object => ({
  id: 'tr_p1',
  object: 'transfer',
  amount: 900,
  amount_reversed: reversed,
  currency: 'usd',
  destination: SELLER,
  reversed: reversed === 900,
  source_transaction: 'ch_p1',
  ...more,
});

const fee = (refunded: number): object => ({
  id: 'fee_p1',
  object: 'application_fee',
  account: SELLER,
  amount: 100,
  amount_refunded: refunded,
  charge: 'ch_p1',
  currency: 'usd',
  refunded: refunded === 100,
});

const seller = (canCharge: boolean, canBePaidOut: boolean, reason: string | null, more: object = {}): object => ({
  id: SELLER,
  object: 'account',
  charges_enabled: canCharge,
  payouts_enabled: canBePaidOut,
  requirements: { disabled_reason: reason },
  ...more,
});

const charge = (id: string): object => ({
  id,
  object: 'charge',
  amount: 1000,
  amount_captured: 1000,
  amount_refunded: 0,
  captured: true,
  currency: 'usd',
  paid: true,
  payment_intent: null,
});

const STRIPE: readonly Story[] = [
  story(
    'stripe-payout-reversed',
    'stripe',
    [
      ofSeller('payout.created', 0, payout('po_p1', 900, 'in_transit')),
      ofSeller('payout.paid', 10, payout('po_p1', 900, 'paid')),
      ofSeller('payout.created', 20, payout('po_p2', -900, 'pending', { original_payout: 'po_p1' })),
      ofSeller('payout.updated', 20, payout('po_p1', 900, 'paid', { reversed_by: 'po_p2' })),
      ofSeller('payout.paid', 30, payout('po_p2', -900, 'paid', { original_payout: 'po_p1' })),
      ofSeller('payout.updated', 10, payout('po_p1', 900, 'paid')),
    ],
    {
      news: [
        { type: 'payout.created', count: 2 },
        { type: 'payout.paid', count: 2 },
        { type: 'payout.returned', count: 1 },
        { body: 4, type: 'payout.returned', count: 1 },
        { body: 6, count: 0 },
      ],
    },
  ),
  story(
    'stripe-transfer-reversed-in-parts',
    'stripe',
    [
      ofPlatform('transfer.created', 0, transfer(0)),
      ofPlatform('transfer.updated', 5, transfer(0, { metadata: { order: '1' } })),
      ofPlatform('transfer.reversed', 10, transfer(400)),
      ofPlatform('transfer.updated', 10, transfer(400)),
      ofPlatform('transfer.reversed', 20, transfer(900)),
      ofPlatform('application_fee.created', 0, fee(0)),
      ofPlatform('application_fee.refunded', 20, fee(100)),
    ],
    {
      absent: ['ch_p1'],
      news: [
        { type: 'transfer.created', count: 1 },
        { type: 'transfer.reversed', count: 2 },
        { body: 2, count: 0 },
        { body: 4, count: 0 },
        { type: 'platform_fee.earned', count: 1 },
        { type: 'platform_fee.refunded', count: 1 },
      ],
    },
  ),
  story(
    'stripe-connected-account-from-first-to-last',
    'stripe',
    [
      ofSeller('account.updated', 0, seller(false, false, 'requirements.past_due')),
      ofSeller('account.updated', 1, seller(false, false, 'requirements.past_due', { email: 'seller@example.com' })),
      ofSeller('capability.updated', 10, {
        id: 'card_payments',
        object: 'capability',
        account: SELLER,
        status: 'active',
      }),
      ofSeller('account.updated', 10, seller(true, true, null)),
      ofSeller('charge.succeeded', 20, charge('ch_p2')),
      ofPlatform('charge.succeeded', 20, charge('ch_p3')),
      ofSeller('account.updated', 30, seller(true, false, 'listed')),
      ofSeller('account.updated', 40, seller(true, true, null)),
      ofSeller('account.application.deauthorized', 50, { id: 'ca_p1', object: 'application', name: 'Platform' }),
    ],
    {
      payments: [
        { id: 'ch_p2', account: SELLER, captured: '1000' },
        { id: 'ch_p3', captured: '1000' },
      ],
      news: [
        { body: 2, count: 0 },
        { body: 3, count: 1 },
        { body: 4, count: 1 },
        { body: 7, count: 1 },
        { body: 8, count: 1 },
        { type: 'account.disconnected', count: 1 },
      ],
    },
  ),
];

const payoutItem = (status: string, more: object = {}): object => ({
  payout_batch_id: 'BATCHP1',
  payout_item: { amount: { currency: 'USD', value: '5.00' }, receiver: 'seller@example.com', sender_item_id: 'p-1' },
  payout_item_id: 'ITEMP1',
  transaction_status: status,
  ...more,
});

const paypal = (type: string, second: number, resource: object): Wire => ({
  ...paypalEvent(type, resource),
  create_time: new Date((START + second) * 1000).toISOString(),
});

const platformTransfer = (second: number, status: string, more: object = {}): Wire => ({
  ...adyenPlatformWebhook(`balancePlatform.transfer.${status === 'received' ? 'created' : 'updated'}`, {
    accountHolder: { id: 'AHP1' },
    amount: { currency: 'EUR', value: 1000 },
    balanceAccount: { id: 'BAP1' },
    category: 'bank',
    direction: 'outgoing',
    id: 'TRP1',
    reason: 'approved',
    status,
    type: 'bankTransfer',
    ...more,
  }),
  timestamp: new Date((START + second) * 1000).toISOString(),
});

const OTHERS: readonly Story[] = [
  story(
    'paypal-payout-nobody-claims',
    'paypal',
    [
      paypal('PAYMENT.PAYOUTS-ITEM.UNCLAIMED', 0, payoutItem('UNCLAIMED')),
      paypal('PAYMENT.PAYOUTS-ITEM.RETURNED', 90, payoutItem('RETURNED', { errors: { name: 'PAYMENT_RETURNED' } })),
      paypal('PAYMENT.PAYOUTS-ITEM.UNCLAIMED', 0, payoutItem('UNCLAIMED')),
    ],
    {
      news: [
        { type: 'payout.*', count: 2 },
        { type: 'payout.returned', count: 1 },
        { body: 3, count: 0 },
      ],
    },
  ),
  story(
    'adyen-platform-payout-comes-back',
    'adyen',
    [
      platformTransfer(0, 'received'),
      platformTransfer(10, 'authorised'),
      platformTransfer(20, 'booked'),
      platformTransfer(90, 'returned', { reason: 'counterpartyAccountClosed' }),
      platformTransfer(21, 'booked'),
    ],
    {
      news: [
        { type: 'payout.created', count: 1 },
        { type: 'payout.paid', count: 1 },
        { type: 'payout.returned', count: 1 },
        { body: 5, count: 0 },
      ],
    },
  ),
  story(
    'adyen-platform-debited-from-outside',
    'adyen',
    [
      platformTransfer(0, 'received', { direction: 'incoming', type: 'bankDirectDebit' }),
      platformTransfer(10, 'booked', { direction: 'incoming', type: 'bankDirectDebit' }),
    ],
    {
      news: [
        { type: 'payout.*', count: 0 },
        { type: 'balance.updated', count: 2 },
      ],
    },
  ),
];

export const PLATFORM_STORIES: readonly Story[] = [...STRIPE, ...OTHERS];
