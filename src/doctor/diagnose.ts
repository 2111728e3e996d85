/**
 * The signature doctor: why a delivery is not found genuine, and what to change. It judges the delivery again with one thing
 * undone at a time, by the provider's own `verify` and nothing else: what verifies then has been the reason. Bounded in tries
 * and bytes; it asks for nothing but certificates, and says nothing of secrets, signatures and payloads.
 */
import { LIMITS } from '../core/limits.ts';
import { type RejectionReason, singleHeader, type Verification, type VerifyInput } from '../core/ports/provider.ts';
import { bodyChanges, textOfBody } from './body-changes.ts';
import type { Diagnosis, DoctorOutcome } from './diagnosis.ts';
import { headerChanges, renamedHeaders } from './header-changes.ts';
import { isSorted, readJsonText } from './json-writing.ts';
import { secretChanges } from './secret-changes.ts';
import { urlChanges } from './url-changes.ts';
import { type DoctorCase, type ProviderDoctor, type WhatIf, withDelivery } from './what-if.ts';

/** What says that the signature is right, though the delivery is not accepted. */
const SIGNATURE_IS_RIGHT: ReadonlySet<RejectionReason> = new Set<RejectionReason>([
  'timestamp_too_old',
  'timestamp_too_new',
  'simulated_not_allowed',
]);

const NOTHING_OF_ITS_OWN: ProviderDoctor = {};

/** `doctor` is the provider's part; without one only what all providers share is tried. Never throws for what a delivery holds. */
export const diagnose = async (
  doctorCase: DoctorCase,
  doctor: ProviderDoctor = NOTHING_OF_ITS_OWN,
): Promise<DoctorOutcome> => {
  const { provider, input } = doctorCase;
  const first = await provider.verify(input);
  if (first.outcome === 'verified') return { outcome: 'genuine', secretId: first.secretId };
  if (first.outcome === 'unavailable') return { outcome: 'unavailable' };
  const { reason } = first;
  const plain = plainlySaid(doctorCase, reason);
  if (plain !== null) return { outcome: 'explained', reason, diagnosis: plain, tries: 1 };
  const searched = await search(doctorCase, whatIfsOf(doctorCase, doctor));
  const { tries, isCutShort } = searched;
  const diagnosis = searched.diagnosis ?? (await explain(doctorCase, doctor, reason));
  return diagnosis === null
    ? { outcome: 'unexplained', reason, tries, isCutShort }
    : { outcome: 'explained', reason, diagnosis, tries };
};

/** What `verify` knows by itself. */
const plainlySaid = ({ provider, input }: DoctorCase, reason: RejectionReason): Diagnosis | null => {
  if (reason === 'simulated_not_allowed') return { kind: 'simulator' };
  if (reason !== 'timestamp_too_old' && reason !== 'timestamp_too_new') return null;
  const signedAt = provider.signedAt?.(input.delivery) ?? input.now;
  return { kind: 'clock_wrong', skewMs: signedAt - input.now };
};

function* whatIfsOf(doctorCase: DoctorCase, doctor: ProviderDoctor): Generator<WhatIf> {
  const { input } = doctorCase;
  yield* headerChanges(input, neededHeaders(doctorCase, doctor));
  yield* secretChanges(doctorCase, doctor);
  yield* doctor.whatIfs?.(doctorCase) ?? [];
  yield* urlChanges(doctorCase);
  yield* atOtherProviders(doctorCase);
  const isBodySigned = doctor.isBodySigned?.(input.delivery.headers) ?? true;
  for (const { body, diagnosis } of bodyChanges(input.delivery, doctor.keysFirst)) {
    if (diagnosis.kind === 'body_rewritten' && !isBodySigned) return;
    yield { input: withDelivery(input, { body }), diagnosis: () => diagnosis };
  }
}

const neededHeaders = ({ provider, input }: DoctorCase, doctor: ProviderDoctor): readonly string[] =>
  doctor.neededHeaders?.(input.delivery.headers) ?? provider.secretHeaders.slice(0, 1);

/** The delivery of one provider at the address of another. */
function* atOtherProviders({ provider, input, others }: DoctorCase): Generator<WhatIf> {
  for (const other of others) {
    const { title, name } = other.provider;
    const publicUrl = other.provider.configuredUrl?.(other.settings) ?? null;
    const isUrlMissing = other.provider.configuredUrl !== undefined && publicUrl === null;
    if (name === provider.name || other.secrets.length === 0 || isUrlMissing) continue;
    yield {
      provider: other.provider,
      input: { ...withDelivery(input, { publicUrl }), settings: other.settings, secrets: other.secrets },
      diagnosis: () => ({ kind: 'sent_to_other_provider', title, name }),
    };
  }
}

interface Searched {
  readonly diagnosis: Diagnosis | null;
  readonly tries: number;
  readonly isCutShort: boolean;
}

/** Each secret reads the body once; what a try costs beside that is about this many bytes. */
const TRY_BYTES = 1024;

const search = async ({ provider }: DoctorCase, whatIfs: Iterable<WhatIf>): Promise<Searched> => {
  let tries = 0;
  let bytes = 0;
  let isCutShort = false;
  for (const { input, provider: other = provider, diagnosis } of whatIfs) {
    const cost = (input.delivery.body.length + TRY_BYTES) * input.secrets.length;
    if (tries >= LIMITS.doctorTriesMax) return { diagnosis: null, tries, isCutShort: true };
    if (bytes + cost > LIMITS.doctorBytesMax) {
      isCutShort = true;
      break;
    }
    tries += 1;
    bytes += cost;
    // At the time at which it says that it was signed: one thing is undone here, and it is not the clock.
    const now = other.signedAt?.(input.delivery) ?? input.now;
    const secretId = signedBy(await other.verify({ ...input, now }), input);
    if (secretId !== null) return { diagnosis: diagnosis(secretId), tries, isCutShort };
  }
  return { diagnosis: null, tries, isCutShort };
};

/** Null when the signature is not right. Where that is all that is known it is one of these secrets: the first, say. */
const signedBy = (verification: Verification, { secrets }: VerifyInput): string | null => {
  if (verification.outcome === 'verified') return verification.secretId;
  const isRight = verification.outcome === 'rejected' && SIGNATURE_IS_RIGHT.has(verification.reason);
  return isRight ? (secrets[0]?.id ?? '') : null;
};

/** When nothing made it verify: what is plain to see, else what the delivery says of itself. */
const explain = async (
  doctorCase: DoctorCase,
  doctor: ProviderDoctor,
  reason: RejectionReason,
): Promise<Diagnosis | null> =>
  ofBody(doctorCase) ??
  (await doctor.explain?.(doctorCase, reason)) ??
  ofReason(doctorCase, doctor, reason) ??
  (reason === 'signature_mismatch' ? ofSecretsAndMode(doctorCase, doctor) : null);

const REPLACEMENT = Buffer.from('\ufffd');

const ofBody = ({ input }: DoctorCase): Diagnosis | null => {
  const { body, headers } = input.delivery;
  if (body.length === 0) return { kind: 'body_empty' };
  const length = singleHeader(headers, 'content-length');
  const said = length === undefined || !/^\d{1,9}$/.test(length) ? body.length : Number(length);
  const text = textOfBody(body);
  const isBroken = text !== null && /^\s*[{[]/.test(text) && readJsonText(text) === null;
  if (isBroken && (said > body.length || !/[}\]]\s*$/.test(text))) return { kind: 'body_cut' };
  if (said !== body.length) return { kind: 'body_length_differs' };
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength).includes(REPLACEMENT)
    ? { kind: 'body_characters_lost' }
    : null;
};

/** Unix seconds have ten digits until the year 2286. */
const MILLISECONDS = /(?<!\d)\d{13}(?!\d)/;

const ofReason = (doctorCase: DoctorCase, doctor: ProviderDoctor, reason: RejectionReason): Diagnosis | null => {
  const { headers } = doctorCase.input.delivery;
  const needed = neededHeaders(doctorCase, doctor);
  const [renamed] = renamedHeaders(headers, needed);
  const missing = needed.find((name) => !headers.has(name));
  const inMilliseconds = needed.find((name) => MILLISECONDS.test(singleHeader(headers, name) ?? ''));
  switch (reason) {
    case 'signature_missing':
    case 'timestamp_missing':
      if (renamed !== undefined) return { kind: 'header_renamed', ...renamed };
      return missing === undefined ? { kind: 'scheme_not_supported' } : { kind: 'header_missing', header: missing };
    case 'timestamp_malformed':
      if (inMilliseconds !== undefined) return { kind: 'time_in_milliseconds', header: inMilliseconds };
      return { kind: 'header_unreadable', header: needed[0] ?? '' };
    case 'signature_malformed':
      return { kind: 'header_unreadable', header: needed[0] ?? '' };
    case 'algorithm_not_allowed':
      return { kind: 'scheme_not_supported' };
    case 'body_not_expected':
    case 'signed_field_malformed':
      return { kind: 'body_not_expected' };
    case 'certificate_url_not_allowed':
    case 'certificate_not_trusted':
    case 'certificate_expired':
      return { kind: 'certificate_not_trusted' };
    case 'signature_mismatch':
    case 'timestamp_too_old':
    case 'timestamp_too_new':
    case 'simulated_not_allowed':
    case 'transmission_conflict':
      return null;
    default:
      return reason satisfies never;
  }
};

const ofSecretsAndMode = (doctorCase: DoctorCase, doctor: ProviderDoctor): Diagnosis | null => {
  const { input, mode } = doctorCase;
  const cut = input.secrets.find(({ value }) => doctor.isWholeSecret?.(value.trim()) === false);
  if (cut !== undefined) return { kind: 'secret_cut', secretId: cut.id };
  const said = doctor.modeSaid?.(input.delivery) ?? null;
  if (said !== null && mode !== undefined && said !== mode) return { kind: 'mode_mixed', said, configured: mode };
  if (doctor.keysFirst === undefined || doctor.isBodySigned?.(input.delivery.headers) === false) return null;
  const node = readJsonText(textOfBody(input.delivery.body) ?? '');
  return node !== null && isSorted(node) ? { kind: 'body_keys_sorted' } : null;
};
