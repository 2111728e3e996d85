/** Opening a payload: an access that PCI DSS 10.2.1.1 wants on record before anybody sees a byte. */
import { OPERATORS_CHAIN } from '../audit/audit.ts';
import type { AuditAppend } from '../audit/audit-log.ts';
import { toldBefore } from '../audit/told-before.ts';
import type { Clock } from '../core/ports/clock.ts';
import { screenText } from '../core/screen-text.ts';
import type { Seal } from '../core/seal.ts';
import type { Actor, Webhook } from '../core/webhook.ts';

export interface ReadPayloadDeps {
  readonly auditLog: AuditAppend;
  readonly seal: Pick<Seal, 'open'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly operator: Actor;
}

/** Throws what the trail throws when it cannot be written: then nothing was opened. */
export const readPayload = (
  { seal, operator, ...deps }: ReadPayloadDeps,
  webhook: Webhook,
  reason: string,
): Promise<Buffer> =>
  toldBefore(
    deps,
    {
      chainId: OPERATORS_CHAIN,
      actor: operator,
      event: 'PAYLOAD_READ',
      reason: screenText(reason),
      origin: { sourceAddress: null, requestId: null, traceId: webhook.traceId },
      resource: { type: 'webhook', id: webhook.webhookId },
      change: null,
      count: 1,
    },
    async () => Buffer.from(await seal.open(webhook.payload, webhook)),
  );
