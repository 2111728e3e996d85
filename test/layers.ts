/** Who may import whom. `architecture.test.ts` checks every file against it; ARCHITECTURE.md's table is generated from it. */

export interface Layer {
  /** Files it holds for, by the start of their path, `*` for one folder of any name; the first that fits counts. */
  readonly of: string;
  /** What the folder is, for the table. */
  readonly what: string;
  /** Folders and files that may be imported besides the own one, by the start of their path. */
  readonly folders: readonly string[];
  /** Folders that may not, although `folders` covers them. */
  readonly except?: readonly string[];
  /** Packages and Node modules that may be imported; `*` for any. */
  readonly packages: readonly string[];
}

const PROCESSED = ['src/core/', 'src/payments/', 'src/handlers/', 'src/destinations/'];
const ADAPTED = [
  'src/core/',
  'src/audit/',
  'src/payments/',
  'src/destinations/',
  'src/jobs/job',
  'src/operators/operator.ts',
];

export const LAYERS: readonly Layer[] = [
  {
    of: 'src/payhook.ts',
    what: 'what a team imports',
    folders: ['src/core/', 'src/config/', 'src/payments/', 'src/handlers/'],
    packages: [],
  },
  {
    of: 'src/testing',
    what: 'what a team’s tests import: a home in memory, samples of webhooks and events',
    folders: ['src/'],
    except: ['src/homes/', 'src/cli/', 'src/console/'],
    packages: [],
  },
  {
    of: 'src/core/',
    what: 'words that all stages share, and the ports to the world',
    folders: [],
    packages: ['node:buffer', 'node:crypto', 'node:zlib', 'node:assert/strict'],
  },
  {
    of: 'src/audit/',
    what: 'entries, chains, digests, checks',
    folders: ['src/core/'],
    packages: ['node:crypto', 'node:assert/strict'],
  },
  {
    of: 'src/receive/',
    what: 'one delivery to one answer, the same in both homes',
    folders: ['src/core/', 'src/audit/'],
    packages: ['node:crypto', 'node:assert/strict'],
  },
  {
    of: 'src/payments/',
    what: 'payment events and the state they add up to; names no provider',
    folders: ['src/core/'],
    packages: ['node:crypto'],
  },
  {
    of: 'src/handlers/',
    what: 'a team’s code: how it is written, read and called',
    folders: ['src/core/', 'src/payments/'],
    packages: ['node:async_hooks'],
  },
  {
    of: 'src/destinations/',
    what: 'where payment events go on to: messages, circuits, attempts',
    folders: ['src/core/', 'src/payments/'],
    packages: ['node:crypto', 'node:assert/strict'],
  },
  {
    of: 'src/process/',
    what: 'one claim to one outcome: payments, handlers, entries for destinations',
    folders: PROCESSED,
    packages: ['node:assert/strict'],
  },
  {
    of: 'src/doctor/',
    what: 'why a delivery is not found genuine, and what to change',
    folders: ['src/core/'],
    packages: ['node:zlib'],
  },
  ...['*/doctor.ts', 'doctors.ts'].map((file) => ({
    of: `src/providers/${file}`,
    what: 'what goes wrong with a provider’s deliveries alone',
    folders: ['src/core/', 'src/providers/', 'src/doctor/'],
    except: ['src/providers/*/mapping/', 'src/providers/mappings.ts'],
    packages: ['node:crypto'],
  })),
  {
    of: 'src/operate/',
    what: 'what operators ask, the same in both homes: lists by what webhooks led to',
    folders: [...ADAPTED, 'src/process/'],
    packages: ['node:assert/strict'],
  },
  {
    of: 'src/jobs/',
    what: 'one action on many webhooks: preview, approval, carrying on',
    folders: [...ADAPTED, 'src/process/', 'src/operate/', 'src/operators/'],
    packages: ['node:crypto'],
  },
  {
    of: 'src/operators/',
    what: 'who may act, and what each may: names, roles, passphrases',
    folders: ['src/core/', 'src/audit/'],
    packages: ['node:crypto'],
  },
  {
    of: 'src/reconcile/',
    what: 'what providers list, against what was delivered: recovers what is missing',
    folders: ['src/core/', 'src/payments/', 'src/receive/'],
    packages: [],
  },
  {
    of: 'src/providers/*/mapping/',
    what: 'what a provider’s events mean',
    folders: ['src/core/', 'src/payments/', 'src/providers/'],
    packages: [],
  },
  {
    of: 'src/providers/mappings.ts',
    what: 'the list of mappings, for processing',
    folders: ['src/payments/', 'src/providers/'],
    packages: [],
  },
  ...['*/settings.ts', 'settings.ts', 'provider-settings.ts', 'tolerance-settings.ts'].map((file) => ({
    of: `src/providers/${file}`,
    what: 'what the configuration asks for a provider',
    folders: ['src/core/', 'src/providers/'],
    packages: ['zod'],
  })),
  {
    of: 'src/providers/',
    what: 'a folder each: how it signs, names, times and identifies its events',
    folders: ['src/core/'],
    except: ['src/providers/*/mapping/', 'src/providers/mappings.ts'],
    packages: ['node:crypto', 'node:zlib', 'node:tls', 'node:assert/strict', 'node:buffer'],
  },
  {
    of: 'src/samples/',
    what: 'deliveries and whole lives of payments as providers would send them',
    folders: ['src/core/', 'src/payments/'],
    packages: ['node:crypto'],
  },
  {
    of: 'src/adapters/memory/',
    what: 'every port in memory: the reference for tests',
    folders: ADAPTED,
    packages: ['node:crypto', 'node:assert/strict'],
  },
  {
    of: 'src/adapters/sqlite/',
    what: 'the embedded store, on a thread of its own',
    folders: ADAPTED,
    packages: ['node:sqlite', 'node:worker_threads', 'node:crypto', 'node:assert/strict'],
  },
  {
    of: 'src/adapters/file/',
    what: 'keys, anchor, operators and a destination as files',
    folders: [...ADAPTED, 'src/operators/roles.ts'],
    packages: ['node:fs', 'node:fs/promises', 'node:path', 'node:crypto', '@peculiar/x509', 'reflect-metadata'],
  },
  {
    of: 'src/adapters/http/',
    what: 'requests that we make',
    folders: ADAPTED,
    packages: ['lru-cache', 'ipaddr.js', 'node:crypto', 'node:http', 'node:https', 'node:dns/promises', 'node:net'],
  },
  { of: 'src/adapters/pino/', what: 'the logger of one machine', folders: ['src/core/'], packages: ['pino'] },
  {
    of: 'src/adapters/prometheus/',
    what: 'the metrics of one machine',
    folders: ['src/core/', 'src/destinations/'],
    packages: ['prom-client'],
  },
  {
    of: 'src/adapters/system/',
    what: 'time and chance',
    folders: ['src/core/'],
    packages: ['node:crypto', 'node:perf_hooks'],
  },
  {
    of: 'src/adapters/aws/',
    what: 'every port on AWS, by subject',
    folders: [...ADAPTED, 'src/config/aws-names.ts', 'src/config/counted-lines.ts'],
    packages: [
      '@aws-sdk/client-dynamodb',
      '@aws-sdk/client-eventbridge',
      '@aws-sdk/client-kms',
      '@aws-sdk/client-s3',
      '@aws-sdk/client-secrets-manager',
      '@aws-sdk/client-sns',
      '@aws-sdk/client-sqs',
      'node:async_hooks',
      'node:crypto',
      'node:dgram',
      'node:http',
      'node:https',
      'node:zlib',
      'node:assert/strict',
      'node:timers/promises',
      'node:util',
    ],
  },
  {
    of: 'src/config/',
    what: 'configuration file, environment and names on AWS, read once',
    folders: ['src/core/', 'src/payments/', 'src/destinations/', 'src/providers/', 'src/operators/roles.ts'],
    packages: ['zod', 'node:fs', 'node:path', 'node:url'],
  },
  {
    of: 'src/homes/local/',
    what: 'the local home: edge, loops, composition',
    folders: ['src/'],
    except: ['src/homes/', 'src/cli/', 'src/console/'],
    packages: ['*'],
  },
  {
    of: 'src/homes/aws/',
    what: 'the AWS home: one entry file a function, composition',
    folders: ['src/', 'src/homes/operator-home.ts'],
    except: ['src/homes/', 'src/cli/', 'src/console/'],
    packages: ['*'],
  },
  {
    of: 'src/homes/',
    what: 'opens a home for a command',
    folders: ['src/'],
    except: ['src/cli/', 'src/console/'],
    packages: ['*'],
  },
  {
    of: 'src/console/web/',
    what: 'the page of the console, in a browser',
    folders: ['src/console/api-types.ts'],
    packages: ['preact', 'preact/hooks', '@preact/signals'],
  },
  {
    of: 'src/console/',
    what: 'the screens over a home: what they ask, and the server on this machine that answers',
    folders: ['src/'],
    except: ['src/cli/', 'src/console/web/'],
    packages: ['*'],
  },
  { of: 'src/cli/', what: 'one file a command', folders: ['src/'], except: ['src/console/web/'], packages: ['*'] },
  {
    of: 'infra/',
    what: 'the CDK app: one construct a stage; never runtime code',
    folders: [
      'src/config/',
      'src/providers/',
      'src/core/limits.ts',
      'src/core/errors.ts',
      'src/core/time.ts',
      'src/core/started-module.ts',
      'src/adapters/aws/errors.ts',
      'src/adapters/system/system-clock.ts',
    ],
    packages: ['*'],
  },
];
