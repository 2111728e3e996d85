/** The status machine of a webhook, as data. Nothing else in the project decides which status may follow which. */

export const WEBHOOK_STATUSES = ['received', 'retrying', 'processed', 'ignored', 'dead_lettered'] as const;
export type WebhookStatus = (typeof WEBHOOK_STATUSES)[number];

/** `replay` and `redrive` are the arrows back to `received`; every other arrow belongs to processing. */
export const STATUS_TRANSITIONS = {
  received: ['processed', 'ignored', 'retrying', 'dead_lettered'],
  retrying: ['processed', 'ignored', 'retrying', 'dead_lettered', 'received'],
  processed: ['received'],
  ignored: ['received'],
  dead_lettered: ['received'],
} as const satisfies Record<WebhookStatus, readonly WebhookStatus[]>;

export const isTransitionAllowed = (from: WebhookStatus, to: WebhookStatus): boolean =>
  (STATUS_TRANSITIONS[from] as readonly WebhookStatus[]).includes(to);

/** A webhook in one of these waits for the processor: it must be on the queue. In the others it has ended. */
export const isWaiting = (status: WebhookStatus): boolean => status === 'received' || status === 'retrying';

export const hasEnded = (status: WebhookStatus): boolean => !isWaiting(status);
