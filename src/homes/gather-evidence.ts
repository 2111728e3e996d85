/**
 * What an assessor asks of a home, on one page: who may do what, how long things are kept, how old keys are, how far the trail
 * is signed, where card data was found. Whether the trail is whole is another question, and takes as long as the trail.
 */
import type { CompleteConfig } from '../config/schema.ts';
import { PayhookError } from '../core/errors.ts';
import { LIMITS } from '../core/limits.ts';
import { DAY_MS } from '../core/time.ts';
import type { WebhookSummary } from '../core/webhook.ts';
import type { ProviderSecretUse } from '../operate/secret-use.ts';
import { secretUseJson } from '../operate/secret-use-json.ts';
import { timeText } from '../operate/webhook-json.ts';
import { MAY, type Role } from '../operators/roles.ts';
import type { KeyRow } from './local/list-key-files.ts';
import type { HomeChoice, OperatorHome } from './operator-home.ts';

export interface EvidenceDeps {
  readonly home: OperatorHome;
  readonly choice: HomeChoice;
  readonly version: string;
  readonly config: Pick<CompleteConfig, 'mode'>;
  /** Of IAM, by name or ARN: on AWS they are who may act. */
  readonly awsRoles: Readonly<Record<string, Role>>;
  readonly retentionMs: number;
  /** Null where rejected deliveries are not kept. */
  readonly rejectedKeptForMs: number | null;
  readonly lookAtSecretUse: () => Promise<readonly ProviderSecretUse[]>;
  /** Null where KMS keeps the keys. */
  readonly listKeyFiles: (() => Promise<readonly KeyRow[]>) | null;
}

export type EvidenceJson = Awaited<ReturnType<typeof gatherEvidence>>;

const daysOf = (ms: number): number => ms / DAY_MS;

export const gatherEvidence = async (deps: EvidenceDeps) => {
  const { home, choice, version, config, awsRoles, retentionMs, rejectedKeptForMs } = deps;
  const [digest, start, [newest], { items }, keys, secrets] = await Promise.all([
    home.auditLog.lastDigest(),
    home.auditLog.start(),
    home.auditLog.latest(1),
    home.store.list({ limit: LIMITS.listLimitMax }),
    deps.listKeyFiles?.() ?? null,
    secretsOf(deps),
  ]);
  return {
    gatheredAt: timeText(home.clock.now()),
    version,
    home: choice,
    mode: config.mode ?? null,
    /** Of this home; where none is defined, whoever runs a process acts under the name of the system. */
    operators: home.operators.list().map((one) => ({ ...one, addedAt: timeText(one.addedAt) })),
    actsWithoutOperators: home.operators.areDefined() ? null : home.operators.user.id,
    awsRoles,
    /** By what may be done, the roles that may. */
    permissions: MAY,
    retention: {
      webhookDays: daysOf(retentionMs),
      auditDaysMin: Math.max(daysOf(LIMITS.auditKeptMsMin), daysOf(retentionMs)),
      rejectedDays: rejectedKeptForMs === null ? null : daysOf(rejectedKeptForMs),
    },
    keys,
    ...secrets,
    trail: {
      entries: (newest?.position ?? 0) - (start?.lastPosition ?? 0),
      beginsAfterDigest: start?.digestNumber ?? null,
      lastDigest:
        digest === undefined
          ? null
          : {
              number: digest.number,
              hash: digest.hash,
              keyId: digest.keyId,
              lastPosition: digest.lastPosition,
              createdAt: timeText(digest.createdAt),
            },
    },
    cardData: cardDataIn(items),
  };
};

/** An assessor may see all else, and not be let near the secrets: that is evidence too. */
const secretsOf = async ({ lookAtSecretUse }: Pick<EvidenceDeps, 'lookAtSecretUse'>) => {
  try {
    return { secrets: secretUseJson(await lookAtSecretUse()), secretsProblem: null };
  } catch (error) {
    if (!(error instanceof PayhookError)) throw error;
    return { secrets: [], secretsProblem: error.message };
  }
};

/** In the newest webhooks: what was masked before it was stored. */
const cardDataIn = (webhooks: readonly WebhookSummary[]) => {
  const found = webhooks.filter(
    ({ cardData }) => cardData.cardNumbers + cardData.securityCodes + cardData.trackData > 0,
  );
  const oldest = webhooks.at(-1)?.receivedAt;
  return {
    lookedAt: webhooks.length,
    lookedBackTo: oldest === undefined ? null : timeText(oldest),
    webhooks: found.length,
    cardNumbers: found.reduce((sum, { cardData }) => sum + cardData.cardNumbers, 0),
    securityCodes: found.reduce((sum, { cardData }) => sum + cardData.securityCodes, 0),
    trackData: found.reduce((sum, { cardData }) => sum + cardData.trackData, 0),
    newestAt: found[0] === undefined ? null : timeText(found[0].receivedAt),
  };
};
