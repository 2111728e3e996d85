/** The configuration file as a schema: strict, with every default in one place. */
import { z } from 'zod';
import { LIMITS } from '../core/limits.ts';
import { DAY_MS, HOUR_MS } from '../core/time.ts';
import { problemOfDestinationUrl } from '../destinations/destination-url.ts';
import { ROLES } from '../operators/roles.ts';
import { problemOfPattern } from '../payments/event-patterns.ts';
import { PAYMENT_EVENT_TYPES } from '../payments/payment-event-types.ts';
import type { EventsApi } from '../providers/events-api.ts';
import { EVENTS_APIS } from '../providers/events-apis.ts';
import type { ConfigurableProvider } from '../providers/provider-settings.ts';
import { DEFAULT_REGION } from './aws-names.ts';
import type { PayhookConfig } from './define-config.ts';

const wholeNumber = (min: number, max: number) => z.int().min(min).max(max);
const eventPattern = z.string().superRefine((pattern, context) => {
  const problem = problemOfPattern(pattern, PAYMENT_EVENT_TYPES);
  if (problem !== null) context.addIssue({ code: 'custom', message: problem });
});

/** Each with its own settings; all of them where nothing is said. */
const providersOf = (providers: readonly ConfigurableProvider[]) => {
  const names = providers.map(({ provider }) => provider.name);
  return z
    .strictObject(Object.fromEntries(providers.map(({ provider, schema }) => [provider.name, schema.optional()])))
    .prefault(Object.fromEntries(names.map((name) => [name, {}])));
};

/** Thirteen days: a queue of SQS keeps a message for fourteen. */
const GIVE_UP_HOURS_MAX = 312;

const destinationBasics = {
  events: z.array(eventPattern).min(1).readonly().default(['*']),
  giveUpAfterHours: wholeNumber(1, GIVE_UP_HOURS_MAX).default(LIMITS.destinationGiveUpAfterMs / HOUR_MS),
};

const httpDestination = z
  .strictObject({
    kind: z.literal('http'),
    url: z.url({ protocol: /^https?$/ }),
    timeoutMs: wholeNumber(100, 60_000).default(LIMITS.destinationTimeoutMs),
    concurrencyMax: wholeNumber(1, 256).default(LIMITS.destinationConcurrencyMax),
    requestsPerSecondMax: wholeNumber(1, 100_000).optional(),
    arePrivateAddressesAllowed: z.boolean().default(false),
    ...destinationBasics,
  })
  .superRefine(({ url, arePrivateAddressesAllowed }, context) => {
    const problem = problemOfDestinationUrl(url, arePrivateAddressesAllowed);
    if (problem !== null) context.addIssue({ code: 'custom', path: ['url'], message: problem });
  });

const destination = z.discriminatedUnion('kind', [
  httpDestination,
  z.strictObject({
    kind: z.literal('eventbridge'),
    archiveDays: wholeNumber(1, 3650).optional(),
    ...destinationBasics,
  }),
  z.strictObject({
    kind: z.literal('ndjson'),
    path: z.string().min(1),
    fileBytesMax: wholeNumber(1024, 10 * 1024 ** 3).default(LIMITS.ndjsonFileBytesMax),
    filesMax: wholeNumber(1, 1000).default(LIMITS.ndjsonFilesMax),
    ...destinationBasics,
  }),
]);

/** As payment events have it. */
const CURRENCY = /^[A-Z]{3}$/;

const jobs = z.strictObject({
  approvalAboveWebhooks: wholeNumber(0, LIMITS.jobWebhooksMax).optional(),
  approvalAboveAmount: z
    .record(z.string().regex(CURRENCY, 'a currency such as USD'), wholeNumber(0, Number.MAX_SAFE_INTEGER))
    .optional(),
});

/** A name of IAM, or the ARN of a role or user with its path. */
const IAM_PRINCIPAL = /^(?:[\w+=,.@-]{1,64}|arn:aws:iam::\d{12}:(?:role|user)\/[\w+=,.@/-]{1,512})$/;

const consoleSettings = z.strictObject({
  awsRoles: z
    .record(
      z.string().regex(IAM_PRINCIPAL, 'the name of an IAM role, or the ARN of an IAM role or user'),
      z.enum(ROLES),
    )
    .readonly()
    .default({}),
});

/** Part of the names of AWS queues, which hold 80 characters. */
const DESTINATION_NAME = /^(?=.{1,20}$)[a-z0-9]+(?:-[a-z0-9]+)*$/;

const destinations = z.record(
  z.string().regex(DESTINATION_NAME, 'a name of 1 to 20 lower-case letters, digits and single hyphens'),
  destination,
);

/** Other partitions of AWS have other ARNs, and not all of the services. */
const REGION = /^(?!cn-)[a-z]{2,4}-[a-z]+-\d{1,2}$/;
/** API Gateway takes lower case only. */
const DOMAIN_NAME = /^(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/;
const CERTIFICATE_ARN = /^arn:aws:acm:[a-z0-9-]+:\d{12}:certificate\/[a-f0-9-]+$/;

const domain = z.strictObject({
  name: z.string().regex(DOMAIN_NAME, 'a host name in lower case, such as webhooks.shop.example'),
  certificateArn: z.string().regex(CERTIFICATE_ARN, 'the ARN of a certificate in AWS Certificate Manager'),
});

/** A month: what is longer is no peak, and what is kept warm for it is paid for by the hour. */
const PEAK_MS_MAX = 31 * DAY_MS;

const peak = z
  .strictObject({
    webhooksPerSecond: wholeNumber(1, 20_000),
    from: z.iso.datetime({ offset: true }),
    until: z.iso.datetime({ offset: true }),
  })
  .superRefine(({ from, until }, context) => {
    const ms = Date.parse(until) - Date.parse(from);
    if (ms > 0 && ms <= PEAK_MS_MAX) return;
    context.addIssue({ code: 'custom', path: ['until'], message: 'a time after from, and at most 31 days after it' });
  });

const eventTypePattern = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,128}\*?$|^\*$/, 'an event type of the provider, or how several begin: charge.*');

/** Of those whose API lists events; what is set for a provider that is not configured waits for it. */
const reconcileOf = (providers: readonly ConfigurableProvider[]) => {
  const listing = EVENTS_APIS.filter((api) => providers.some(({ provider }) => provider.name === api.provider));
  const byProvider = <Value extends z.ZodType>(schemaOf: (api: EventsApi) => Value) =>
    z.strictObject(Object.fromEntries(listing.map((api) => [api.provider, schemaOf(api).optional()]))).prefault({});
  return z.strictObject({
    isAutomatic: z.boolean().default(true),
    accounts: byProvider(({ isAccount }) =>
      z.array(z.string().refine(isAccount, 'an account that the credential may act for')).max(ACCOUNTS_MAX).readonly(),
    ),
    areThinEventsListed: z.boolean().default(false),
    eventTypes: byProvider(() => z.array(eventTypePattern).min(1).readonly()),
    apiUrls: byProvider(() =>
      z
        .string()
        .refine(
          isApiUrl,
          'an https URL without credentials, query, white space or slash at its end; http on this machine',
        ),
    ),
    endpointUrls: byProvider(() => z.string().refine(isEndpointUrl, 'the https URL that the provider calls')),
  });
};

const isEndpointUrl = (text: string): boolean => URL.parse(text)?.protocol === 'https:';

/** A credential is sent there. */
const isApiUrl = (text: string): boolean => {
  const url = URL.parse(text);
  if (url === null || url.username !== '' || url.password !== '' || /[?#\s]|\/$/.test(text)) return false;
  return (
    url.protocol === 'https:' || (url.protocol === 'http:' && /^(?:127\.0\.0\.1|\[::1\]|localhost)$/.test(url.hostname))
  );
};

/** Each is a list of its own, asked every few minutes. */
const ACCOUNTS_MAX = 100;

export const configSchemaOf = (providers: readonly ConfigurableProvider[]) =>
  z.strictObject({
    mode: z.enum(['live', 'test']).optional(),
    providers: providersOf(providers),
    handlers: z.string().min(1).optional(),
    destinations: destinations.prefault({}),
    processing: z
      .strictObject({
        giveUpAfterHours: wholeNumber(1, 720).default(LIMITS.giveUpAfterMs / HOUR_MS),
        attemptsMax: wholeNumber(1, 100_000).default(LIMITS.attemptsMax),
        backoffBaseMs: wholeNumber(1, 3_600_000).default(LIMITS.backoffBaseMs),
        backoffCapMs: wholeNumber(1, LIMITS.retryInMsMax).default(LIMITS.backoffCapMs),
        handlerMsMax: wholeNumber(1, 300_000).default(LIMITS.handlerMsMax),
        handlerMemoryMbMax: wholeNumber(128, 65_536).default(LIMITS.handlerMemoryMbMax),
        concurrency: wholeNumber(1, 1000).default(64),
      })
      .prefault({}),
    edge: z
      .strictObject({
        host: z.string().min(1).default('127.0.0.1'),
        operationsHost: z.string().min(1).default('127.0.0.1'),
        requestsPerSecond: wholeNumber(1, 1_000_000).default(1000),
        requestsBurst: wholeNumber(1, 1_000_000).default(2000),
        requestsPerSecondPerAddress: wholeNumber(1, 1_000_000).default(10),
        arePublishedAddressesExempt: z.boolean().default(true),
        isLoopbackExempt: z.boolean().default(true),
        trustedProxyHops: wholeNumber(0, 10).default(0),
      })
      .prefault({}),
    retentionDays: wholeNumber(90, 36_500).default(LIMITS.retentionMs / DAY_MS),
    rejected: z
      .strictObject({
        areKept: z.boolean().optional(),
        days: wholeNumber(1, 30).default(LIMITS.rejectedKeptForMs / DAY_MS),
      })
      .prefault({}),
    reconcile: reconcileOf(providers).prefault({}),
    jobs: jobs.prefault({}),
    console: consoleSettings.prefault({}),
    audit: z.strictObject({ anchorDirectory: z.string().min(1).optional() }).prefault({}),
    alertsUrl: z.url({ protocol: /^https?$/ }).optional(),
    aws: z
      .strictObject({
        region: z
          .string()
          .regex(REGION, 'a region such as eu-west-1, not of China or a government')
          .default(DEFAULT_REGION),
        domain: domain.optional(),
        retention: z.enum(['ephemeral', 'regulated']).default('ephemeral'),
        strictPerIpRate: z.boolean().default(false),
        requestsPerSecondPerProviderAddress: wholeNumber(10, 10_000).default(1000),
        reservedConcurrency: z
          .union([
            z.literal(false),
            z.strictObject({
              receiver: wholeNumber(1, 10_000).default(100),
              processor: wholeNumber(2, 1000).default(50),
              auditLogger: wholeNumber(2, 1000).default(25),
              sender: wholeNumber(2, 1000).default(10),
              reconciler: wholeNumber(1, 100).default(1),
            }),
          ])
          .prefault({}),
        provisionedConcurrency: wholeNumber(0, 1000).default(0),
        updates: z.enum(['canary', 'all-at-once']).optional(),
        peak: peak.optional(),
        tracesSampledRatio: z.number().min(0).max(1).default(0.01),
        alarmEmails: z.array(z.email()).readonly().default([]),
        areAlarmsSubscribedElsewhere: z.boolean().default(false),
        areAlertsTraced: z.boolean().default(true),
        budgetUsdAMonth: z.number().positive().optional(),
        silenceAlarmHours: z.record(z.string(), wholeNumber(1, 24)).readonly().default({}),
        isApiGatewayAccountManaged: z.boolean().default(true),
      })
      .prefault({}),
  });

/** The configuration with every default filled in. */
export type CompleteConfig = z.infer<ReturnType<typeof configSchemaOf>>;

// The documented type and the schema must say the same: this line does not compile when the schema refuses what the
// type allows. Each provider's own settings.ts says so of its part.
void ((config: Omit<PayhookConfig, 'providers'>): z.input<ReturnType<typeof configSchemaOf>> => config);
