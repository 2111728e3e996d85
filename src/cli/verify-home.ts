/**
 * `payhook verify home`: synthetic webhooks of each configured provider through the real address of a home, until they are
 * processed and audited. They meet what a genuine delivery meets, and are never money.
 */
import { createSystemRandomness } from '../adapters/system/system-randomness.ts';
import { PORT_DEFAULT } from '../config/environment.ts';
import type { Settings } from '../config/load-config.ts';
import { PayhookError } from '../core/errors.ts';
import type { Provider } from '../core/ports/provider.ts';
import { SECOND_MS } from '../core/time.ts';
import { canBeMarked } from '../receive/synthetic-mark.ts';
import { type SampleInput, sampleBody, samplesOf } from '../samples/samples.ts';
import { type CommandContext, loadSettings, withHome } from './command-context.ts';
import { IS_CHECKOUT } from './command-name.ts';
import type { ExitCode } from './report-failure.ts';
import { createLocalSigning, signingWith } from './sign-delivery.ts';
import { type SyntheticWebhookInput, sendSynthetic, type VerifiedProvider } from './synthetic-webhook.ts';

export interface VerifyHomeOptions {
  /** What providers call, without their name at the end. */
  readonly url?: string;
  /** @default every one that is configured */
  readonly provider?: readonly string[];
  /** Whether handlers and destinations get them, too. */
  readonly passOn?: boolean;
  readonly waitSeconds: number;
  readonly json?: boolean;
}

/** Exit 1 when one did not come all the way, was not rejected where only the provider can sign, or none could be sent at all. */
export const verifyHome = async (context: CommandContext, options: VerifyHomeOptions): Promise<ExitCode> => {
  const settings = await loadSettings(context);
  const providers = chosenProviders(settings, options.provider);
  const randomness = createSystemRandomness(context.clock);
  return withHome<ExitCode>(context, async (home) => {
    const outcomes = new Set<VerifiedProvider['outcome']>();
    for (const provider of providers) {
      const url = urlOf(context, provider, options.url);
      const verified = await sendSynthetic({
        home,
        provider,
        signing: await signingFor(context, settings, provider, url),
        url,
        body: bodyFor(provider, { eventId: randomness.id(), now: context.clock.now(), randomness }),
        reach: options.passOn === true ? 'passed_on' : 'kept',
        clock: context.clock,
        waitMsMax: options.waitSeconds * SECOND_MS,
      });
      print(context, provider, verified, options);
      outcomes.add(verified.outcome);
    }
    const isAnyThere = outcomes.has('verified') || outcomes.has('turned_away');
    return isAnyThere && !outcomes.has('failed') ? 0 : 1;
  });
};

const chosenProviders = (
  { known, providerSettings }: Settings,
  names: readonly string[] | undefined,
): readonly Provider[] => {
  const configured = known.flatMap(({ provider }) => (providerSettings.has(provider.name) ? [provider] : []));
  if (names === undefined) return configured;
  return names.map((name) => {
    const provider = configured.find((one) => one.name === name);
    if (provider !== undefined) return provider;
    const there = configured.map((one) => one.name).join(', ');
    throw new PayhookError('usage_wrong', `provider ${name} is not configured: use ${there}`);
  });
};

/** Of the first of its samples, which is the one that is most often sent. */
const bodyFor = ({ name, title }: Provider, input: SampleInput): Uint8Array => {
  const [sample] = samplesOf(name);
  if (sample !== undefined) return sampleBody(name, sample, input);
  throw new PayhookError(
    'configuration_invalid',
    `there is no sample of ${title} to send: name the other providers, --provider <name> for each`,
  );
};

/** Of the home's address; without one it is this machine's. */
const urlOf = (context: CommandContext, { name }: Provider, address: string | undefined): URL => {
  const home = context.home();
  if (address === undefined && home.kind === 'aws') {
    throw new PayhookError(
      'usage_wrong',
      `verify home needs --url, the WebhookUrl that deploy printed${IS_CHECKOUT ? `: npm run verify -- ${home.environmentSuffix} finds it` : ''}`,
    );
  }
  const text = address ?? `http://127.0.0.1:${context.env.PAYHOOK_PORT ?? PORT_DEFAULT}`;
  if (!URL.canParse(text)) {
    throw new PayhookError('usage_wrong', `--url ${text} is no address: give one such as http://127.0.0.1:8080`);
  }
  const url = new URL(text);
  url.pathname = url.pathname === '/' ? `/webhook/${name}` : `${url.pathname.replace(/\/$/, '')}/${name}`;
  return url;
};

/** Never signs what cannot be marked: it would be taken for the provider's. */
const signingFor = async (
  context: CommandContext,
  settings: Settings,
  provider: Provider,
  url: URL,
): Promise<SyntheticWebhookInput['signing']> => {
  const home = context.home();
  if (home.kind === 'local') {
    return canBeMarked(provider) ? createLocalSigning(context, settings, provider) : 'only_provider';
  }
  const { openStackSecrets } = await import('../homes/aws/open-secrets.ts');
  const stack = { region: settings.config.aws.region, environmentSuffix: home.environmentSuffix };
  const secret = await openStackSecrets(stack, (secrets) => secrets.signingSecret(provider.name));
  if (secret === undefined) return 'no_secret';
  if (!canBeMarked(provider)) return 'only_provider';
  return signingWith(context, settings, provider, { secret, certificate: null, url: url.href });
};

const print = (
  context: CommandContext,
  provider: Provider,
  verified: VerifiedProvider,
  { json }: VerifyHomeOptions,
): void => {
  if (json === true) {
    context.print(JSON.stringify(verified));
    return;
  }
  const { outcome, webhookId, status, ms, problem } = verified;
  const { title } = provider;
  const times = Object.entries(ms).map(([stage, taken]) => `${stage} after ${Math.round(taken)} ms`);
  switch (outcome) {
    case 'verified':
      context.print(`✓ ${title}: ${times.join(', ')}; ${webhookId}, synthetic, ${status}`);
      return;
    case 'turned_away':
      context.print(
        `✓ ${title}: only ${title} can sign; what was not signed was rejected (${times.join(', ')}): send a test event from its dashboard`,
      );
      return;
    case 'no_secret':
      context.print(`– ${title}: ${problem}`);
      return;
    case 'failed':
      context.print(`✗ ${title}: ${[problem, ...times, ...(webhookId === null ? [] : [webhookId])].join('; ')}`);
      return;
    default:
      outcome satisfies never;
  }
};
