/** Where each alert is explained: a page of `docs/runbooks/` and the heading in it. A test looks that both are there. */

const FOLDER = 'docs/runbooks';

export const RUNBOOKS = {
  deadLetters: `${FOLDER}/queues.md#dead-letters`,
  auditDeadLetters: `${FOLDER}/audit.md#turned-away-deliveries-that-could-not-be-audited`,
  invocationFailures: `${FOLDER}/functions.md#invocations-that-failed-for-good`,
  alertDeadLetters: `${FOLDER}/alerts.md#alerts-that-reached-nobody`,
  workQueueBacklog: `${FOLDER}/queues.md#the-work-queue-grows`,
  workQueueWaits: `${FOLDER}/queues.md#nobody-takes-webhooks-from-the-work-queue`,
  queueEmptied: `${FOLDER}/queues.md#a-queue-was-emptied`,
  webhooksQueuedAgain: `${FOLDER}/queues.md#webhooks-were-queued-again`,
  destinationDeadLetters: `${FOLDER}/destinations.md#events-that-were-given-up`,
  destinationDown: `${FOLDER}/destinations.md#a-destination-is-down`,
  destinationWaits: `${FOLDER}/destinations.md#events-wait-and-are-not-sent`,
  updateTakenBack: `${FOLDER}/functions.md#an-update-was-taken-back`,
  functionErrors: `${FOLDER}/functions.md#a-function-fails`,
  functionThrottles: `${FOLDER}/functions.md#a-function-is-throttled`,
  changeFeedLags: `${FOLDER}/audit.md#the-change-feed-lags`,
  changeFeedSilent: `${FOLDER}/audit.md#the-change-feed-is-silent`,
  changesNotAudited: `${FOLDER}/audit.md#changes-that-could-not-be-audited`,
  auditDraftsWait: `${FOLDER}/audit.md#turned-away-deliveries-wait-to-be-audited`,
  auditLoggerSilent: `${FOLDER}/audit.md#the-audit-logger-does-not-run`,
  auditBroken: `${FOLDER}/audit.md#the-audit-trail-does-not-fit`,
  cardDataFound: `${FOLDER}/card-data.md#card-data-was-found`,
  deliveriesUnavailable: `${FOLDER}/deliveries.md#deliveries-are-answered-5xx`,
  deliveriesRejected: `${FOLDER}/deliveries.md#signatures-do-not-verify`,
  providerSilent: `${FOLDER}/deliveries.md#a-provider-is-silent`,
  managedRuleBlocks: `${FOLDER}/deliveries.md#a-managed-rule-blocked-a-request`,
  stageNearItsRate: `${FOLDER}/deliveries.md#more-comes-than-planned`,
  tablesThrottled: `${FOLDER}/deliveries.md#tables-are-throttled`,
  receiverNearItsCap: `${FOLDER}/functions.md#the-receiver-is-near-its-cap`,
  receiverSlow: `${FOLDER}/functions.md#the-receiver-is-slow`,
  webhooksMissed: `${FOLDER}/deliveries.md#webhooks-were-missed`,
  reconciliationBehind: `${FOLDER}/deliveries.md#reconciliation-is-behind`,
  requestsBlocked: `${FOLDER}/deliveries.md#many-requests-are-blocked`,
  keyDisabled: `${FOLDER}/keys.md#a-key-is-disabled-or-being-deleted`,
  cloudTrailStopped: `${FOLDER}/alerts.md#cloudtrail-was-stopped`,
  processingStopped: `${FOLDER}/functions.md#somebody-changed-what-feeds-a-function`,
  firewallRemoved: `${FOLDER}/deliveries.md#the-firewall-was-taken-away`,
} as const;

export type Runbook = keyof typeof RUNBOOKS;
