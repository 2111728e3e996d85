/** `payhook secrets`: signing secrets of a deployed stack, in Secrets Manager. Values go in and never come out. */

import type { SecretsSummary } from '../adapters/aws/secrets/secrets.ts';
import { secretNameOf } from '../config/destinations-of.ts';
import { PayhookError } from '../core/errors.ts';
import { didYouMean } from '../core/nearest-name.ts';
import { problemOfDestinationSecret } from '../destinations/destination-secret.ts';
import type { StackSecrets } from '../homes/aws/open-secrets.ts';
import { timeOrNull } from '../operate/webhook-json.ts';
import { credentialsNameOf, EVENTS_APIS } from '../providers/events-apis.ts';
import { PROVIDERS, providerNamed } from '../providers/providers.ts';
import { type CommandContext, loadSettings } from './command-context.ts';
import { type PrintOptions, printList, type Shown } from './print-list.ts';
import type { ExitCode } from './report-failure.ts';

/** Both of a rotation, and one that was left over. */
const SECRETS_MAX = 5;

const withSecrets = async <Result>(
  context: CommandContext,
  work: (secrets: StackSecrets) => Promise<Result>,
): Promise<Result> => {
  const home = context.home();
  if (home.kind === 'local') {
    const variables = PROVIDERS.map(({ secretVariable }) => secretVariable).join(', ');
    throw new PayhookError(
      'usage_wrong',
      `the local home takes its secrets from the environment (${variables}): payhook secrets status says how they are used; for a deployed stack add --home aws --environment-suffix <suffix>`,
    );
  }
  const { config } = await loadSettings(context);
  // Needs packages that a server does not have: not before it is known that they are wanted.
  const { openStackSecrets } = await import('../homes/aws/open-secrets.ts');
  return openStackSecrets({ region: config.aws.region, environmentSuffix: home.environmentSuffix }, work);
};

/** Whose secrets they are, and who has to notice new ones. */
interface Owner {
  readonly name: string;
  readonly checkSecret: (value: string) => string | null;
  readonly reader: 'receiver' | 'sender' | 'reconciler';
}

const destinationOwners = async (context: CommandContext): Promise<readonly Owner[]> => {
  const { destinations } = await loadSettings(context);
  return destinations
    .filter(({ kind }) => kind === 'http')
    .map(({ name }) => ({ name: secretNameOf(name), checkSecret: problemOfDestinationSecret, reader: 'sender' }));
};

const apiOwners: readonly Owner[] = EVENTS_APIS.map((api) => ({
  name: credentialsNameOf(api),
  checkSecret: api.checkCredential,
  reader: 'reconciler',
}));

/** The configuration is read only for what is not a provider. */
const ownerNamed = async (context: CommandContext, name: string): Promise<Owner> => {
  const provider = providerNamed(name);
  if (provider !== undefined) return { name, checkSecret: provider.checkSecret, reader: 'receiver' };
  const owners = [...apiOwners, ...(await destinationOwners(context))];
  const owner = owners.find((one) => one.name === name);
  if (owner !== undefined) return owner;
  const known = [...PROVIDERS, ...owners].map((one) => one.name);
  const hint = didYouMean(name, known) || `use ${known.join(', ')}`;
  throw new PayhookError(
    'usage_wrong',
    `there is no provider, no API of one and no http destination for ${name}: ${hint}`,
  );
};

/** Replaces the secrets of a provider, of `{provider}-api` or of `destination-{name}`, by those on standard input, one a line. */
export const setSecrets = (context: CommandContext, ownerName: string): Promise<ExitCode> =>
  withSecrets<ExitCode>(context, async (secrets) => {
    const owner = await ownerNamed(context, ownerName);
    const values = (await context.readInput())
      .split(/\r?\n/)
      .map((line) => line.trim())
      .filter((line) => line !== '');
    if (values.length === 0 || values.length > SECRETS_MAX) {
      throw new PayhookError(
        'usage_wrong',
        `standard input holds ${values.length} secrets, 1 to ${SECRETS_MAX} are allowed, one a line: payhook secrets set ${ownerName} < file`,
      );
    }
    values.forEach((value, index) => {
      const problem = owner.checkSecret(value);
      if (problem !== null)
        throw new PayhookError('usage_wrong', `secret ${index + 1} of ${values.length} for ${owner.name} ${problem}`);
    });
    await secrets.set(owner.name, values);
    context.print(
      `${owner.name} has ${values.length} ${values.length === 1 ? 'secret' : 'secrets'} now; the ${owner.reader} notices within 5 minutes`,
    );
    return 0;
  });

/** How many secrets each provider, its API and each HTTP destination has and since when; never what they are. */
export const showSecrets = (context: CommandContext, options: PrintOptions): Promise<ExitCode> =>
  withSecrets<ExitCode>(context, async (secrets) => {
    const owners = [...PROVIDERS, ...apiOwners, ...(await destinationOwners(context))];
    const summaries = await Promise.all(owners.map(({ name }) => secrets.summary(name)));
    const known = summaries.filter((summary) => summary !== undefined);
    printList(context, known, SHOWN, options, 'no secret is set: payhook secrets set <name> < file');
    return 0;
  });

const SHOWN: Shown<SecretsSummary> = {
  header: ['PROVIDER', 'SECRETS', 'CHANGED'],
  row: ({ provider, count, changedAt }) => [provider, String(count), timeOrNull(changedAt) ?? 'never'],
  json: (summary) => ({ ...summary, changedAt: timeOrNull(summary.changedAt) }),
};
