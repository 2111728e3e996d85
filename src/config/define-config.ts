/** What `payhook.config.ts` may say. Every setting has a default: an empty configuration runs. */

import type { ProvidersConfig } from '../providers/settings.ts';

export interface PayhookConfig {
  /**
   * Which webhooks are acted on. `live` also demands real secrets for every provider listed; the other mode's webhooks
   * are stored and end as `ignored`. Left out, both kinds are processed.
   */
  readonly mode?: 'live' | 'test';

  /**
   * The providers that may deliver, by name. One that is not listed answers 404.
   * @default all that Payhook knows, each with the defaults of its settings
   */
  readonly providers?: ProvidersConfig;

  /**
   * Path of the module with your handlers, relative to this file: everything that it exports out of `on(…)` is called with payment
   * events, its `handle` with each webhook as the provider sent it. See docs/handlers.md. @default none
   */
  readonly handlers?: string;

  /**
   * Where payment events are delivered on, by a name of yours: 1 to 20 lower-case letters, digits and single hyphens.
   * See docs/destinations.md. @default none
   */
  readonly destinations?: Readonly<Record<string, DestinationConfig>>;

  readonly processing?: {
    /** A webhook that could not be processed for so long is dead-lettered, with an alert. @default 72 */
    readonly giveUpAfterHours?: number;
    /** Attempts before it is dead-lettered all the same; waiting for a handler that rests counts as one. @default 2000 */
    readonly attemptsMax?: number;
    /** Longest wait before the second attempt; doubles with each further one. @default 1000 */
    readonly backoffBaseMs?: number;
    /** The wait never grows beyond this. @default 900000 */
    readonly backoffCapMs?: number;
    /** How long one handler call may take. @default 30000 */
    readonly handlerMsMax?: number;
    /**
     * Heap of the process that handlers run in, in MB; in all it may use twice that. Above, it is ended and started again.
     * On one machine only: on AWS the function's memory is the limit. @default 512
     */
    readonly handlerMemoryMbMax?: number;
    /** Webhooks processed at the same time. @default 64 */
    readonly concurrency?: number;
  };

  readonly edge?: {
    /** Address to listen on; `PAYHOOK_HOST` overrides it. @default '127.0.0.1' */
    readonly host?: string;
    /**
     * Address of metrics and health, on `PAYHOOK_OPERATIONS_PORT`. They tell providers, volumes and depths to whoever
     * reaches it. @default '127.0.0.1'
     */
    readonly operationsHost?: string;
    /** Deliveries a second in all. @default 1000 */
    readonly requestsPerSecond?: number;
    /**
     * Deliveries that may come at once before that rate holds. A quarter is left to published provider addresses and to
     * addresses from which a genuine webhook came lately. @default 2000
     */
    readonly requestsBurst?: number;
    /**
     * Deliveries a second from one address, averaged over 60 seconds. A genuine new webhook does not count. @default 10
     */
    readonly requestsPerSecondPerAddress?: number;
    /** Published provider addresses are not held to the rate per address. @default true */
    readonly arePublishedAddressesExempt?: boolean;
    /** Addresses of this machine are not held to the rate per address, unless something forwarded the request. @default true */
    readonly isLoopbackExempt?: boolean;
    /** Proxies of yours in front, each adding to `X-Forwarded-For`; 0 ignores that header, and `/ready` says when it comes. @default 0 */
    readonly trustedProxyHops?: number;
  };

  /** Days that webhooks and their dedupe keys are kept; below 90 a late resend could be taken for new. @default 400 */
  readonly retentionDays?: number;

  readonly rejected?: {
    /**
     * Keep deliveries that were not found genuine, sealed and screened, so that `payhook rejected` can say why and accept
     * them once the secret is mended. What strangers send is kept too, within bounds.
     * @default true, false in mode live
     */
    readonly areKept?: boolean;
    /** Days that they are kept. @default 7 */
    readonly days?: number;
  };

  /** Asking providers for what no delivery brought, with a credential of the environment. See docs/reconcile.md. */
  readonly reconcile?: {
    /**
     * Payhook asks by itself, every ten minutes, where there is a credential: the server on one machine, on AWS the function
     * `reconciler`, which is not deployed otherwise. @default true
     */
    readonly isAutomatic?: boolean;
    /** Accounts that are asked for beside the credential's own: Stripe's connected accounts, `acct_…`. @default none */
    readonly accounts?: Readonly<Partial<Record<string, readonly string[]>>>;
    /**
     * Stripe's thin events are asked for too, a list of their own: where a destination of thin events is set up at Stripe. Without
     * one nobody would have delivered them. @default false
     */
    readonly areThinEventsListed?: boolean;
    /**
     * Which of a provider's events are recovered: its types, or `charge.*` for all that begin so. Name what your endpoint is
     * subscribed to. @default all but those that are known to say nothing of payments
     */
    readonly eventTypes?: Readonly<Partial<Record<string, readonly string[]>>>;
    /** Where a provider's API is reached instead, such as a proxy. The credential is sent there. @default the provider's own address */
    readonly apiUrls?: Readonly<Partial<Record<string, string>>>;
    /**
     * What a provider calls, where that does not end with `/webhook/<provider>` because something before Payhook changes the path.
     * By it the provider's endpoint is known that is ours. @default whatever ends so; the URL that Square signs
     */
    readonly endpointUrls?: Readonly<Partial<Record<string, string>>>;
  };

  readonly jobs?: {
    /**
     * Webhooks that one job may have without a second person's approval.
     * @default any number
     */
    readonly approvalAboveWebhooks?: number;
    /**
     * Money that may hang on one job without a second person's approval, in whole units: `{ USD: 10_000 }`. What hangs on it
     * in a currency that is not named needs approval then, and so do webhooks that were not understood. @default any
     */
    readonly approvalAboveAmount?: Readonly<Record<string, number>>;
  };

  readonly console?: {
    /**
     * What `payhook console` lets people do over AWS, by the IAM role that they come with: its name (of single sign-on, without
     * the digits at its end), or the ARN of a role or user. Who is not named is a `viewer`. What IAM forbids stays forbidden.
     * @default nobody: everybody is a viewer
     */
    readonly awsRoles?: Readonly<Record<string, 'viewer' | 'auditor' | 'operator' | 'approver'>>;
  };

  readonly audit?: {
    /**
     * Folder that the newest audit digest is remembered in; it has to be there. On another disk or machine than the data
     * directory, it shows when that directory as a whole was replaced by an older copy. @default the data directory
     */
    readonly anchorDirectory?: string;
  };

  /** URL that gets alerts as JSON, at most one a minute of each kind; of what is raised once, each. @default none: alerts are log lines */
  readonly alertsUrl?: string;

  /** The AWS home. Everything else above holds there too, except `edge.host`, `edge.operationsHost`, `edge.trustedProxyHops`, `audit` and `alertsUrl`. */
  readonly aws?: {
    /**
     * Where the stack is. Roles and policies are named for all regions of an account: a second stack there needs a suffix of
     * its own. @default 'us-east-1'
     */
    readonly region?: string;
    /**
     * Providers call `https://<name>/webhook/…` instead of an address of API Gateway's, which is closed then. The certificate
     * is one of AWS Certificate Manager in the same region; the outputs of the stack say where the name has to lead. See
     * docs/deploy.md. @default the address of API Gateway
     */
    readonly domain?: { readonly name: string; readonly certificateArn: string };
    /**
     * `ephemeral`: `npm run destroy` leaves nothing behind, for development and tests; not fit for PCI DSS.
     * `regulated`: deletion protection, locked audit archive, logs kept 400 days, for real payments. @default 'ephemeral'
     */
    readonly retention?: 'ephemeral' | 'regulated';
    /** Hold published provider addresses to the rate per address too: slows real providers down. @default false */
    readonly strictPerIpRate?: boolean;
    /** Requests a second from one published provider address. @default 1000 */
    readonly requestsPerSecondPerProviderAddress?: number;
    /**
     * Concurrent executions set aside for each function, which also caps it; `false` sets none aside, for accounts whose
     * quota is too small. @default { receiver: 100, processor: 50, auditLogger: 25, sender: 10, reconciler: 1 }
     */
    readonly reservedConcurrency?:
      | false
      | {
          readonly receiver?: number;
          readonly processor?: number;
          readonly auditLogger?: number;
          readonly sender?: number;
          readonly reconciler?: number;
        };
    /** Receivers kept warm, about $13 a month each; reserved concurrency alone warms nothing. @default 0 */
    readonly provisionedConcurrency?: number;
    /**
     * A peak that you know of. From its first second on there are executions, warm receivers and table throughput for so many
     * webhooks a second; outside of it only the tables' throughput stays. `npm run synth` prints what it costs. Deploy it a day
     * before, and take it out afterwards. See docs/capacity.md. @default none
     */
    readonly peak?: {
      readonly webhooksPerSecond: number;
      /** With a time zone, such as `2026-11-27T00:00:00-05:00`. */
      readonly from: string;
      readonly until: string;
    };
    /**
     * How an update reaches the functions. `canary`: one after another, each with a tenth of its calls for five minutes first,
     * and all of it is taken back when the new version fails; about 16 minutes. `all-at-once`: within seconds.
     * @default 'canary' with retention 'regulated', else 'all-at-once'
     */
    readonly updates?: 'canary' | 'all-at-once';
    /** Part of the deliveries that X-Ray records, besides one a second. @default 0.01 */
    readonly tracesSampledRatio?: number;
    /**
     * Who is told about alarms, by e-mail; AWS asks each one to confirm. With mode `live` and with retention `regulated`
     * there has to be somebody. @default nobody
     */
    readonly alarmEmails?: readonly string[];
    /** Somebody is subscribed to the topic of critical alerts who is not in `alarmEmails`: a chat, a pager. @default false */
    readonly areAlarmsSubscribedElsewhere?: boolean;
    /**
     * X-Ray takes traces of the alert topic only by a resource policy, of which an account has five in a region: `false`
     * leaves policy and traces out, for the sixth stack. @default true
     */
    readonly areAlertsTraced?: boolean;
    /** What the whole account may cost a month in USD; above, and when it will be above, there is an alert. @default none */
    readonly budgetUsdAMonth?: number;
    /** Providers that always send something: an alarm when one is silent for this many hours. @default none */
    readonly silenceAlarmHours?: Readonly<Record<string, number>>;
    /**
     * The role by which API Gateway writes logs belongs to the whole account and region: `true` sets it, unless `npm run
     * deploy` finds that another stack of Payhook does; use `false` where something else has set it. @default true
     */
    readonly isApiGatewayAccountManaged?: boolean;
  };
}

interface DestinationBasics {
  /** Which payment events: types such as `payment.succeeded`, `refund.*` or `*`. @default ['*'] */
  readonly events?: readonly string[];
  /** An event that could not be delivered for so long is given up, with an alert. @default 72 */
  readonly giveUpAfterHours?: number;
}

export type DestinationConfig =
  /** POST to a URL, signed as Standard Webhooks. In both homes. */
  | (DestinationBasics & {
      readonly kind: 'http';
      /** `https`, or with `arePrivateAddressesAllowed` also `http`. Without credentials in it. */
      readonly url: string;
      /** From looking up the address to the answer. @default 10000 */
      readonly timeoutMs?: number;
      /** Requests under way at a time. @default 8 */
      readonly concurrencyMax?: number;
      /** @default no limit but `concurrencyMax` */
      readonly requestsPerSecondMax?: number;
      /**
       * Also addresses of this machine and of private networks. Leave it off where the URL is somebody else's choice: it
       * protects what only this machine can reach. @default false
       */
      readonly arePrivateAddressesAllowed?: boolean;
    })
  /** An EventBridge bus of its own under the stack's key. In the AWS home. */
  | (DestinationBasics & {
      readonly kind: 'eventbridge';
      /** Days that the bus keeps events for its own replay. @default no archive */
      readonly archiveDays?: number;
    })
  /** A file with one JSON object a line, rotated. In the local home. */
  | (DestinationBasics & {
      readonly kind: 'ndjson';
      /** Relative to this file. */
      readonly path: string;
      /** A file that has grown to this is rotated. @default 104857600 */
      readonly fileBytesMax?: number;
      /** Files kept, the present one included. @default 10 */
      readonly filesMax?: number;
    });

/** Gives the configuration its type. Returns it unchanged. */
export const defineConfig = (config: PayhookConfig): PayhookConfig => config;
