/** One webhook as the command line shows it, in the words of its screen in the console. */
import { bytesText } from '../core/bytes-text.ts';
import type { webhookDetail } from '../operate/webhook-detail.ts';
import { counted } from './counted.ts';

type Detail = Awaited<ReturnType<typeof webhookDetail>>;
type Field = readonly [string, string];

/** What says nothing has no line. */
const ifAny = (name: string, value: string | null): readonly Field[] =>
  value === null || value === '' ? [] : [[name, value]];

const cardDataText = ({ cardNumbers, securityCodes, trackData }: Detail['cardData']): string =>
  cardNumbers + securityCodes + trackData === 0
    ? 'none found'
    : `masked: ${counted(cardNumbers, 'card number')}, ${counted(securityCodes, 'security code')}, ${trackData} of a track`;

const marksOf = ({ mode, synthetic, isSimulated, origin }: Detail): string =>
  [
    mode,
    ...(synthetic === null ? [] : ['synthetic']),
    ...(isSimulated && synthetic === null ? ['simulated'] : []),
    ...(origin === 'delivery' ? [] : ['recovered']),
  ].join(', ');

export const webhookFields = (webhook: Detail): readonly Field[] => [
  ['webhook', webhook.webhookId],
  ['status', webhook.status],
  ...ifAny('error', webhook.lastError),
  ...ifAny('cause', webhook.cause),
  ['provider', `${webhook.provider}, ${marksOf(webhook)}`],
  ...ifAny('account', webhook.account),
  ['event type', webhook.eventType],
  ['event id', webhook.providerEventId ?? '-'],
  ...ifAny('object', webhook.objectId),
  ...ifAny('belongs to', webhook.parentIds.join(', ')),
  ['happened', webhook.timestamp ?? 'the provider does not say'],
  ['received', webhook.receivedAt],
  ['attempts', String(webhook.attempts)],
  ...ifAny('next try', webhook.nextAttemptAt),
  ['last change', `${webhook.changedAt} by ${webhook.changedBy.type}:${webhook.changedBy.id}`],
  ['verified with', webhook.secretId],
  ['card data', cardDataText(webhook.cardData)],
  ['payload', `${bytesText(webhook.payloadBytes)}, sealed`],
  ['body SHA-256', webhook.bodySha256],
  ...Object.entries(webhook.headers).map(([name, value]): Field => [`header ${name}`, value]),
  ['trace', webhook.traceId],
  ['kept until', webhook.expiresAt],
];
