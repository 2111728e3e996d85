/** What the console's server and its page say to each other. The page imports types from here, and nothing else of ours. */
import type { AuditProgress } from '../audit/check.ts';
import type { AdvisedProblem } from '../audit/what-to-do.ts';
import type { ShownDestination } from '../homes/destination-desk.ts';
import type { EvidenceJson } from '../homes/gather-evidence.ts';
import type { DestinationRow } from '../homes/list-destinations.ts';
import type { HourCounts } from '../homes/local/counted-receiving.ts';
import type { HomeChoice } from '../homes/operator-home.ts';
import type { jobJson, jobWebhookJson, previewJson } from '../jobs/job-json.ts';
import type { DamagedJob } from '../jobs/job-store.ts';
import type { auditCheckJson } from '../operate/audit-check-json.ts';
import type { activityJson } from '../operate/count-activity.ts';
import type { stuckJson } from '../operate/list-causes.ts';
import type { entryJson } from '../operate/list-destination-entries.ts';
import type { processingJson } from '../operate/look-at-processing.ts';
import type { ArrivalJson } from '../operate/payment-arrivals.ts';
import type { PaymentJson } from '../operate/payment-json.ts';
import type { dayInReviewJson, reviewedJson } from '../operate/review-json.ts';
import type { secretUseJson } from '../operate/secret-use-json.ts';
import type { Stuck } from '../operate/stuck-payments.ts';
import type { paymentSumsJson } from '../operate/sum-payments.ts';
import type { webhookDetail } from '../operate/webhook-detail.ts';
import type { auditJson } from '../operate/webhook-json.ts';
import type { WebhookRow } from '../operate/webhook-rows.ts';
import type { Role } from '../operators/roles.ts';

export type { DestinationRow, EvidenceJson, PaymentJson, ShownDestination, WebhookRow };
export type AuditJson = ReturnType<typeof auditJson>;

export interface SessionJson {
  readonly operator: string;
  readonly role: Role;
  /** Whether this role may put webhooks back; the server asks again. */
  readonly mayPutBack: boolean;
  /** Null for whoever may see the trail; else why not. */
  readonly whyNoTrail: string | null;
  /** Names of those that are configured. */
  readonly destinations: readonly string[];
  /** Goes with every POST, in the header `X-Payhook-CSRF`. */
  readonly csrf: string;
  readonly home: HomeChoice;
  /** Of the configuration; null where it says none. */
  readonly mode: 'live' | 'test' | null;
  readonly version: string;
  /** Names and titles of what may be asked for. */
  readonly providers: readonly { readonly name: string; readonly title: string; readonly firstEventType: string }[];
  /** What webhooks and payments may be, for filters. */
  readonly statuses: { readonly webhook: readonly string[]; readonly payment: readonly string[] };
  /** What payments may have, for a filter. */
  readonly paymentTraits: readonly string[];
  /** Why a delivery may be rejected, for filters. */
  readonly rejectionReasons: readonly string[];
  /** What entries of the trail may be about, for filters. */
  readonly auditEvents: readonly string[];
  readonly serverTime: string;
  /** Without a request of the person, and at the latest. */
  readonly idleMsMax: number;
  readonly endsAt: string;
}

/** Of a browser without a link: its person types the number where `payhook console` runs. */
export interface WaitJson {
  readonly number: string;
  /** Asks whether that was done. */
  readonly ticket: string;
}

/** With the token of a link once it was. */
export type AdmittedJson =
  | { readonly outcome: 'waits' | 'over' }
  | { readonly outcome: 'admitted'; readonly token: string };

export interface ErrorJson {
  readonly error: string;
  readonly message: string;
}

/** What a check of the trail found, with what to do about each problem. */
export type VerifiedJson = Omit<ReturnType<typeof auditCheckJson>, 'problem' | 'problems'> & {
  readonly problems: readonly AdvisedProblem[];
};

export type EntryJson = ReturnType<typeof entryJson>;
export type SecretUseJson = ReturnType<typeof secretUseJson>[number];

export type ReviewedJson = ReturnType<typeof reviewedJson>;
export type ReviewJson = ReturnType<typeof dayInReviewJson> & {
  readonly yesterday: string;
  /** Of any day, the newest first. */
  readonly newest: readonly ReviewedJson[];
  readonly actions: readonly ActionJson[];
};

/** Where a browser gets what was asked for: once, and soon. */
export interface DownloadJson {
  readonly path: string;
}

/** One line of a check that is told while it runs; the last one is not `progress`. */
export type VerifyLine =
  | { readonly progress: AuditProgress & { readonly of: number } }
  | { readonly verified: VerifiedJson }
  | { readonly failed: ErrorJson };

/** What a provider says of something, or Payhook. */
export interface SaidJson {
  readonly state: string;
  readonly amount: MoneyJson | null;
}

/** Something that a provider and Payhook do not say alike. */
export interface DifferenceJson {
  readonly provider: string;
  readonly source: string;
  readonly list: string;
  readonly kind: string;
  readonly objectId: string;
  readonly paymentId: string | null;
  readonly at: string | null;
  readonly difference: 'not_here' | 'not_listed' | 'state' | 'amount';
  readonly listed: SaidJson | null;
  readonly here: SaidJson | null;
  /** How much more the provider says than is known here; null where no amount says it. */
  readonly off: MoneyJson | null;
}

/** One line of what the providers are asked for; the last one is `checked` or `failed`. */
export type CheckLine =
  | {
      readonly progress: {
        readonly source: string;
        readonly list: string;
        readonly listed: number;
        readonly differing: number;
      };
    }
  | { readonly said: string }
  | { readonly checked: { readonly differences: readonly DifferenceJson[]; readonly summary: readonly string[] } }
  | { readonly failed: ErrorJson };

/** In the smallest unit of the currency, as text: JSON numbers end at 2^53. */
export interface MoneyJson {
  readonly minor: string;
  readonly currency: string;
  readonly exponent: number;
}

/** What may be done with something now. What is impossible is not there; what is forbidden says why. */
export interface ActionJson {
  readonly name: 'redrive' | 'replay' | 'open_payload' | 'accept' | 'approve' | 'refuse' | 'review';
  readonly isAllowed: boolean;
  readonly why: string | null;
}

export interface PageJson<Item> {
  readonly items: readonly Item[];
  /** The cursor behind the last; null when there is nothing more. */
  readonly next: string | null;
  /** Nothing older was looked at; null when that says nothing. */
  readonly scannedUntil: string | null;
}

export type WebhookDetailJson = Awaited<ReturnType<typeof webhookDetail>> & { readonly actions: readonly ActionJson[] };

/** With how many of its webhooks were given up or are tried again; null where there are too many of all payments to look. */
export type PaymentRow = PaymentJson & { readonly stuck: Stuck | null };

export type PaymentDetailJson = PaymentJson & {
  readonly arrivals: readonly ArrivalJson[];
  /** What to do about each of its flags. */
  readonly advice: readonly string[];
};

export type PaymentSumsJson = ReturnType<typeof paymentSumsJson>;

export interface FoundJson {
  readonly webhooks: readonly WebhookRow[];
  readonly payments: readonly PaymentJson[];
  readonly scannedUntil: string | null;
}

export interface AtRiskJson {
  readonly webhooks: number;
  readonly payments: number;
  readonly money: readonly MoneyJson[];
  readonly withoutAmount: number;
}

/** Of all causes together: how many were given up, how many wait for long, and since when. */
export type StuckJson = ReturnType<typeof stuckJson>;

export interface CauseJson extends AtRiskJson {
  readonly cause: string;
  readonly firstAt: string;
  readonly lastAt: string;
}

export interface CausesJson {
  readonly causes: readonly CauseJson[];
  /** Of all together: a payment that two causes hold up counts once. */
  readonly total: StuckJson;
  readonly scannedUntil: string | null;
}

export interface PutBackJson {
  readonly isDone: boolean;
  /** Follows the id of the webhook in a sentence. */
  readonly text: string;
}

export interface AcceptedJson extends PutBackJson {
  /** What it became; none where it was not accepted. */
  readonly webhookIds: readonly string[];
}

export type JobJson = ReturnType<typeof jobJson>;
/** The newest, and of those that cannot be read which they are and why. */
export interface JobsJson {
  readonly items: readonly JobJson[];
  readonly damaged: readonly DamagedJob[];
}

export type JobDetailJson = JobJson & { readonly webhooks: readonly ReturnType<typeof jobWebhookJson>[] };

export interface PreviewJson {
  /** Nothing that became a dead letter later is part of it. */
  readonly until: string;
  /** Comes back with the request: what was seen is what is done. */
  readonly hash: string;
  readonly preview: ReturnType<typeof previewJson>;
  /** What it is too much of for one person; null where nobody else is needed. */
  readonly whyApproval: string | null;
}

export interface OverviewJson {
  readonly causes: CausesJson;
  /** When each was last heard of; where it was not, how far back was looked, null for all. */
  readonly providers: readonly {
    readonly name: string;
    readonly title: string;
    readonly newestAt: string | null;
    readonly scannedUntil: string | null;
  }[];
  readonly deliveries: DeliveryCountsJson;
  readonly processing: ReturnType<typeof processingJson>;
  readonly destinations: readonly DestinationRow[];
  /** The newest; null before the first. */
  readonly digest: { readonly lastPosition: number; readonly createdAt: string } | null;
}

/** Of deliveries by what became of them, as the server of one machine counts them; one that was started later counts since then. */
export interface DeliveryCountsJson {
  /** Of 60 minutes; null where no server says it. */
  readonly lastHour: HourCounts | null;
  /** Of the 60 minutes before those; null where it has not run for as long. */
  readonly hourBefore: HourCounts | null;
}

/** How many came in each step of time, and what became of them by now. */
export type ActivityJson = ReturnType<typeof activityJson> & {
  /** A sentence for each provider from which nothing has come for much longer than usual. */
  readonly silent: readonly string[];
};

/** One that was not found genuine and is kept. */
export interface DeliveryJson {
  readonly id: string;
  readonly provider: string;
  readonly rejectedAt: string;
  readonly reason: string;
  /** The status that whoever sent it got. */
  readonly answer: number | null;
  /** How far its clock is from ours, as far as it says when it was signed. */
  readonly skewMs: number | null;
  readonly sourceAddress: string;
  readonly isFromKnownSender: boolean;
  readonly bodyBytes: number;
  readonly acceptedAt: string | null;
  /** What it became once it was accepted, as far as that was kept. */
  readonly webhookIds: readonly string[];
  /** By the provider itself, at the latest; null where it tells no end. */
  readonly triesUntil: string | null;
  /** Null where the provider does not tell the times of each. */
  readonly triesLeft: number | null;
}

/** What the trail says of those that are not kept, with the status that each was answered. */
export type TurnedAwayJson = AuditJson & { readonly answer: number | null };

export interface DeliveriesJson extends PageJson<DeliveryJson> {
  /** False where the configuration keeps none. */
  readonly areKept: boolean;
}

export interface DeliveryDetailJson extends DeliveryJson {
  readonly providerTitle: string;
  /** Where the provider says how it tries again. */
  readonly schedule: string;
  readonly cardDataCount: number;
  readonly traceId: string;
  readonly expiresAt: string;
  readonly actions: readonly ActionJson[];
}

/** What the signature doctor says, with the secrets of now. */
export interface JudgedJson {
  readonly isGenuine: boolean;
  readonly sentence: string;
  /** What to change; empty where nothing is to be. */
  readonly change: string;
}

export interface ApprovalJson {
  readonly actions: readonly ActionJson[];
  /** The preview of the request computed again; null for one that waits no more. */
  readonly now: {
    readonly preview: PreviewJson['preview'];
    /** Webhooks of it that are not as they were: with one it has to be asked for again. */
    readonly changed: number;
    /** That its filter means by now beside them: nothing is done with those. */
    readonly more: number;
  } | null;
}

export interface HealthJson {
  /** A sentence each; none when nothing is wrong. */
  readonly problems: readonly string[];
  readonly digestAt: string | null;
  /** Of the server and the disk of this machine; null where alarms of the stack say it. */
  readonly machine: {
    readonly isServerRunning: boolean;
    readonly queueReady: number;
    readonly queueWaiting: number;
    readonly databaseBytes: number;
    readonly freeBytes: number;
  } | null;
}

export interface SettingsJson {
  /** As it takes effect; no secret is in it. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly warnings: readonly string[];
  readonly health: HealthJson;
}

/** Who has a name and a role of their own; on AWS, which role of IAM is which of ours. */
export interface OperatorsJson {
  readonly operators: readonly { readonly name: string; readonly role: Role; readonly addedAt: string }[];
  /** Whoever acts where none is defined. */
  readonly actsWithoutOperators: string | null;
  /** Null on one machine. */
  readonly awsRoles: Readonly<Record<string, Role>> | null;
}
