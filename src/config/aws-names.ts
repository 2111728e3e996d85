/**
 * What everything is called on AWS: `{resource-type}-{purpose}-{environmentSuffix}`. The stack, the functions and the
 * command line all take names from here, so that they cannot drift apart. Names that AWS forces into another form are
 * in `FORCED_NAMES`, each with its reason.
 */

/** Short, so that the longest name (64 characters: functions, roles) still fits, and lower case, as S3 wants it. */
const SUFFIX = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;
const SUFFIX_CHARS_MAX = 16;

/** What is wrong with an environment suffix, as a sentence that says what to do; null when it is usable. */
export const problemOfSuffix = (suffix: string): string | null =>
  suffix.length <= SUFFIX_CHARS_MAX && SUFFIX.test(suffix)
    ? null
    : `environment suffix ${JSON.stringify(suffix)} cannot be part of AWS names: use 1 to ${SUFFIX_CHARS_MAX} lower-case letters, digits and single hyphens, starting with a letter, such as dev or prod-eu`;

export const awsNames = (suffix: string) => {
  const name = (type: string, purpose: string): string => `${type}-${purpose}-${suffix}`;
  return {
    stack: name('stack', 'payhook'),
    api: name('api', 'webhooks'),
    stage: suffix,
    webAcl: name('webacl', 'webhooks'),
    providerAddresses: name('ipset', 'provider-addresses'),
    receiver: name('lambda', 'webhook-receiver'),
    processor: name('lambda', 'payment-processor'),
    auditLogger: name('lambda', 'audit-logger'),
    sender: name('lambda', 'destination-sender'),
    reconciler: name('lambda', 'reconciler'),
    layer: name('layer', 'shared-dependencies'),
    webhookTable: name('table', 'PaymentWebhooks'),
    rejectedTable: name('table', 'RejectedDeliveries'),
    paymentTable: name('table', 'Payments'),
    jobTable: name('table', 'Jobs'),
    auditTable: name('table', 'AuditTrail'),
    workQueue: name('queue', 'work'),
    deadLetterQueue: name('queue', 'dead-letters'),
    auditQueue: name('queue', 'audit-drafts'),
    auditDeadLetterQueue: name('queue', 'audit-dead-letters'),
    failureQueue: name('queue', 'invocation-failures'),
    destinationQueue: (destination: string): string => name('queue', `destination-${destination}`),
    destinationDeadLetterQueue: name('queue', 'destination-dead-letters'),
    paymentBus: name('bus', 'payment-events'),
    paymentArchive: name('archive', 'payment-events'),
    alertTopic: name('topic', 'critical-alerts'),
    alertDeadLetterQueue: name('queue', 'alert-dead-letters'),
    dataKeyAlias: `alias/${name('key', 'payhook')}`,
    digestKeyAlias: `alias/${name('key', 'audit-digests')}`,
    alertKeyAlias: `alias/${name('key', 'alerts')}`,
    /** Of a provider, or of a destination as `destination-{name}`. */
    secret: (provider: string): string => name('secret', `${provider}-signing-secrets`),
    /** What a provider's API is asked with. */
    apiCredentials: (provider: string): string => name('secret', `${provider}-api-credentials`),
    dashboard: name('dashboard', 'payhook'),
    budget: name('budget', 'payhook'),
    /** Of CodeDeploy. */
    application: (purpose: string): string => name('application', purpose),
    deploymentGroup: (purpose: string): string => name('deploymentgroup', purpose),
    role: (purpose: string): string => name('role', purpose),
    policy: (purpose: string): string => name('policy', purpose),
    alarm: (purpose: string): string => name('alarm', purpose),
    rule: (purpose: string): string => name('rule', purpose),
    /** S3 names are shared by all accounts of the world, so the account stands in them. */
    archiveBucket: (account: string): string => `s3-audit-archive-${account}-${suffix}`,
    /** Where stream records go that could not be audited. */
    failureBucket: (account: string): string => `s3-stream-failures-${account}-${suffix}`,
    /** WAF writes only to log groups that begin like this. */
    webAclLogGroup: `aws-waf-logs-webhooks-${suffix}`,
    logGroup: (purpose: string): string => name('logs', purpose),
    metricFilter: (metric: string): string => name('metricfilter', metric),
  };
};

export type AwsNames = ReturnType<typeof awsNames>;

/** Names inside of resources, which AWS does not make unique. */
export const RECEIVED_INDEX = 'by-received-at';
export const STORED_INDEX = 'by-stored-at';
export const ATTENTION_INDEX = 'by-attention';
/** Where Lambda puts stream records that failed; it knows no other place. */
export const STREAM_FAILURE_PREFIX = 'aws/lambda/';
/** Metrics of one environment: what arrives in dev must not keep the alarms of prod quiet. */
export const metricsNamespace = (suffix: string): string => `Payhook/${suffix}`;
/** The version of a function that is called. */
export const LIVE_ALIAS = 'live';

/** Where a stack is, unless `aws.region` says otherwise. The prices in the docs are those of this one. */
export const DEFAULT_REGION = 'us-east-1';
