/** `payhook send`: signs realistic events as a provider would and posts them; shows what became of them. */
import { createMemorySecretSource } from '../adapters/memory/memory-secret-source.ts';
import { createSystemRandomness } from '../adapters/system/system-randomness.ts';
import type { SecretProvider } from '../config/environment.ts';
import type { Settings } from '../config/load-config.ts';
import { PayhookError } from '../core/errors.ts';
import type { Provider, ProviderSettings, SignedDelivery } from '../core/ports/provider.ts';
import { PROVIDERS, providerNamed } from '../providers/providers.ts';
import { openDataDirectory } from '../server/data-directory.ts';
import { resolveSecrets } from '../server/development-secrets.ts';
import { DEVELOPMENT_CERTIFICATE_URL, readDevelopmentCertificate } from '../server/local-certificate-source.ts';
import { type CommandContext, loadSettings } from './command-context.ts';
import { followWebhook } from './follow-webhook.ts';
import { type Post, postDelivery } from './post-delivery.ts';
import type { ExitCode } from './report-failure.ts';
import { type Sample, sampleBody, sampleNamed, samplesOf } from './samples/samples.ts';
import { type MakeDelivery, type SendOptions, sendMany } from './send-many.ts';

/** Exit 0 when the server answered everything as it should: tampered deliveries refused, the others taken. */
export const send = async (
  context: CommandContext,
  providerName: string,
  eventType: string,
  options: SendOptions,
): Promise<ExitCode> => {
  const provider = findProvider(providerName);
  const sample = findSample(provider, eventType);
  const settings = await loadSettings(context);
  const make = await createMakeDelivery(context, settings, provider, sample, options.tamper === true);
  const url = targetUrl(options.url, provider.name);
  if (options.count > 1) return sendMany(context, { make, url, options });

  const delivery = make();
  const answers = [await postDelivery(url, delivery)];
  if (options.duplicate === true) answers.push(await postDelivery(url, delivery));
  const isAsItShould = answers.every((answer) =>
    options.tamper === true ? answer.httpStatus === 401 : answer.httpStatus === 200,
  );
  for (const answer of answers) printAnswer(context, provider, sample, delivery, answer, options);
  const webhookId = answers[0]?.webhookId;
  if (isAsItShould && webhookId !== undefined) await followWebhook(context, settings, webhookId, options.json === true);
  return isAsItShould ? 0 : 1;
};

const findProvider = (name: string): Provider => {
  const provider = providerNamed(name);
  if (provider !== undefined) return provider;
  throw new PayhookError(
    'usage_wrong',
    `there is no provider ${name}: use ${PROVIDERS.map((each) => each.name).join(', ')}`,
  );
};

const findSample = (provider: Provider, eventType: string): Sample => {
  const sample = sampleNamed(provider.name, eventType);
  if (sample !== undefined) return sample;
  const known = samplesOf(provider.name).map((each) => `  ${each.eventType.padEnd(48)} ${each.summary}`);
  throw new PayhookError(
    'usage_wrong',
    `there is no sample ${eventType} of ${provider.title}; there are:\n${known.join('\n')}`,
  );
};

/** A base URL gets the path of the provider; a URL with a path is taken as it is. */
const targetUrl = (text: string, provider: string): URL => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new PayhookError(
      'usage_wrong',
      `--url ${text} is not an http(s) URL: give one such as http://127.0.0.1:8080`,
    );
  }
  if (url.pathname === '/') url.pathname = `/webhook/${provider}`;
  return url;
};

const createMakeDelivery = async (
  context: CommandContext,
  settings: Settings,
  provider: Provider,
  sample: Sample,
  isTampered: boolean,
): Promise<MakeDelivery> => {
  const { clock } = context;
  const randomness = createSystemRandomness(clock);
  const directory = openDataDirectory(settings.dataDirectory);
  const secrets = resolveSecrets(settings, directory, randomness);
  const providerSettings = settings.providerSettings.get(provider.name as SecretProvider);
  const [secret] = await createMemorySecretSource(secrets.byProvider).secretsOf(provider.name);
  if (secret === undefined || providerSettings === undefined) {
    throw new PayhookError(
      'configuration_invalid',
      `provider ${provider.name} is not configured, or has no secret to sign with`,
    );
  }
  if (provider.name === 'paypal' && !secrets.generated.has('paypal')) {
    throw new PayhookError(
      'configuration_invalid',
      'PayPal signs with a private key that only PayPal has: unset PAYHOOK_PAYPAL_WEBHOOK_IDS in server and command to send with the development certificate',
    );
  }
  const certificate =
    provider.name === 'paypal'
      ? {
          url: DEVELOPMENT_CERTIFICATE_URL,
          privateKeyPem: (await readDevelopmentCertificate(directory, clock)).leafPrivateKeyPem,
        }
      : null;
  const sign = (body: Uint8Array): SignedDelivery =>
    provider.sign({
      body,
      secret: secret.value,
      settings: providerSettings as ProviderSettings,
      now: clock.now(),
      deliveryId: randomness.id(),
      certificate,
    });
  return () => {
    const signed = sign(sampleBody(provider.name, sample, { eventId: randomness.id(), now: clock.now(), randomness }));
    return isTampered ? tamper(signed) : signed;
  };
};

/** The first digit of an amount: Adyen signs amounts and a few fields more, not the body. */
const AMOUNT_DIGIT = /"(?:value|amount)":\s*"?(?=\d)/;

/** Changes one digit of an amount after the body was signed, as somebody would who wants another one. */
const tamper = (signed: SignedDelivery): SignedDelivery => {
  const body = Uint8Array.from(signed.body);
  const found = AMOUNT_DIGIT.exec(Buffer.from(body).toString('latin1'));
  const at = found === null ? body.findIndex((byte) => byte >= 0x30 && byte <= 0x39) : found.index + found[0].length;
  body[at] = body[at] === 0x39 ? 0x38 : (body[at] ?? 0) + 1;
  return { ...signed, body };
};

const printAnswer = (
  context: CommandContext,
  provider: Provider,
  sample: Sample,
  delivery: SignedDelivery,
  answer: Post,
  options: SendOptions,
): void => {
  const { httpStatus, status, webhookId, error, durationMs } = answer;
  if (options.json === true) {
    context.print(
      JSON.stringify({
        provider: provider.name,
        eventType: sample.eventType,
        httpStatus,
        status: status ?? null,
        webhookId: webhookId ?? null,
        error: error ?? null,
        durationMs,
      }),
    );
    return;
  }
  const what = options.tamper === true ? 'changed after signing' : 'signed';
  context.print(`sent       ${provider.title} ${sample.eventType}, ${delivery.body.length} bytes, ${what}`);
  context.print(
    `${(status ?? 'refused').padEnd(10)} ${webhookId ?? error ?? ''}  (${httpStatus} after ${durationMs} ms)`,
  );
  if (options.tamper === true && httpStatus === 401)
    context.print('           as it should: the log has the reason, the sender is not told');
};
