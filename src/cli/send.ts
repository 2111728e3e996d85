/** `payhook send`: signs realistic events as a provider would and posts them; shows what became of them. */
import { createSystemRandomness } from '../adapters/system/system-randomness.ts';
import type { Settings } from '../config/load-config.ts';
import { PayhookError } from '../core/errors.ts';
import { didYouMean } from '../core/nearest-name.ts';
import type { Provider, SignedDelivery } from '../core/ports/provider.ts';
import { type Sample, sampleBody, sampleNamed, samplesOf } from '../samples/samples.ts';
import { type CommandContext, loadSettings } from './command-context.ts';
import { followWebhook } from './follow-webhook.ts';
import { type Post, postDelivery, targetUrl } from './post-delivery.ts';
import type { ExitCode } from './report-failure.ts';
import { type MakeDelivery, type SendOptions, sendMany } from './send-many.ts';
import { createSign } from './sign-delivery.ts';

/** Exit 0 when the server answered everything as it should: tampered deliveries refused, the others taken. */
export const send = async (
  context: CommandContext,
  providerName: string,
  eventType: string,
  options: SendOptions,
): Promise<ExitCode> => {
  const settings = await loadSettings(context);
  const provider = findProvider(settings, providerName);
  const sample = findSample(provider, eventType);
  const randomness = createSystemRandomness(context.clock);
  const sign = await createSign(context, settings, provider);
  const make: MakeDelivery = () => {
    const input = { eventId: randomness.id(), now: context.clock.now(), randomness };
    const signed = sign(sampleBody(provider.name, sample, input));
    return options.tamper === true ? tamper(signed) : signed;
  };
  const url = targetUrl(options.url, provider.name);
  if (options.count > 1) return sendMany(context, { make, url, options });

  const delivery = make();
  const answers = [await postDelivery(url, delivery)];
  if (options.duplicate === true) answers.push(await postDelivery(url, delivery));
  const isAsItShould = answers.every((answer) =>
    options.tamper === true ? answer.httpStatus === 401 : answer.httpStatus === 200,
  );
  for (const answer of answers)
    printAnswer(context, { provider, sent: { eventType: sample.eventType }, delivery, answer, options });
  const webhookId = answers[0]?.webhookId;
  if (isAsItShould && webhookId !== undefined) await followWebhook(context, settings, webhookId, options.json === true);
  return isAsItShould ? 0 : 1;
};

/** For neither of the two things that can be sent, or both. A misspelt provider is said first. */
export const problemOfSend = async (context: CommandContext, providerName: string): Promise<PayhookError> => {
  const { name, firstEventType } = findProvider(await loadSettings(context), providerName);
  return new PayhookError(
    'usage_wrong',
    `send takes an event type or --file, one of them: payhook send ${name} ${firstEventType}, payhook send ${name} --file body.json, or a type that payhook send --help lists`,
  );
};

export const findProvider = ({ known }: Settings, name: string): Provider => {
  const found = known.find(({ provider }) => provider.name === name);
  if (found !== undefined) return found.provider;
  const names = known.map(({ provider }) => provider.name);
  const hint = didYouMean(name, names) || `use ${names.join(', ')}`;
  throw new PayhookError('usage_wrong', `there is no provider ${name}: ${hint}`);
};

const findSample = (provider: Provider, eventType: string): Sample => {
  const sample = sampleNamed(provider.name, eventType);
  if (sample !== undefined) return sample;
  const samples = samplesOf(provider.name);
  const meant = didYouMean(
    eventType,
    samples.map((each) => each.eventType),
  );
  if (meant !== '')
    throw new PayhookError('usage_wrong', `there is no sample ${eventType} of ${provider.title}: ${meant}`);
  const known = samples.map((each) => `  ${each.eventType.padEnd(48)} ${each.summary}`);
  throw new PayhookError(
    'usage_wrong',
    `there is no sample ${eventType} of ${provider.title}; there are:\n${known.join('\n')}`,
  );
};

/** The first digit of an amount: Adyen signs amounts and a few fields more, not the body. */
const AMOUNT_DIGIT = /"(?:value|amount)":\s*"?(?=\d)/;

/** Changes one digit of an amount after the body was signed, as somebody would who wants another one. */
export const tamper = (signed: SignedDelivery): SignedDelivery => {
  const body = Uint8Array.from(signed.body);
  const found = AMOUNT_DIGIT.exec(Buffer.from(body).toString('latin1'));
  const digitAt = body.findIndex((byte) => byte >= 0x30 && byte <= 0x39);
  // A saved body may have no digit: then its first byte is another.
  const at = found === null ? Math.max(0, digitAt) : found.index + found[0].length;
  body[at] = body[at] === 0x39 ? 0x38 : (body[at] ?? 0) + 1;
  return { ...signed, body };
};

interface Answered {
  readonly provider: Provider;
  readonly sent: { readonly eventType: string } | { readonly file: string };
  readonly delivery: SignedDelivery;
  readonly answer: Post;
  readonly options: Pick<SendOptions, 'tamper' | 'json'>;
}

export const printAnswer = (context: CommandContext, { provider, sent, delivery, answer, options }: Answered): void => {
  const { httpStatus, status, webhookId, error, durationMs } = answer;
  if (options.json === true) {
    context.print(
      JSON.stringify({
        provider: provider.name,
        ...sent,
        httpStatus,
        status: status ?? null,
        webhookId: webhookId ?? null,
        error: error ?? null,
        durationMs,
      }),
    );
    return;
  }
  const how = options.tamper === true ? 'changed after signing' : 'signed';
  const what = 'file' in sent ? sent.file : sent.eventType;
  context.print(`sent       ${provider.title} ${what}, ${delivery.body.length} bytes, ${how}`);
  context.print(
    `${(status ?? turnedAwayAs(httpStatus)).padEnd(10)} ${webhookId ?? error ?? ''}  (${httpStatus} after ${durationMs} ms)`,
  );
  if (options.tamper === true && httpStatus === 401)
    context.print('           as it should: the log has the reason, the sender is not told');
};

/** What the server's log calls a delivery that it answered so. */
const turnedAwayAs = (httpStatus: number): 'refused' | 'rejected' | 'unavailable' => {
  if (httpStatus === 401) return 'rejected';
  return httpStatus >= 500 ? 'unavailable' : 'refused';
};
