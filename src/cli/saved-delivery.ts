/**
 * Deliveries kept in a file, one or many, with what is needed to judge them again: `payhook verify` and the vector tests
 * read them. Everything but body and headers may be missing and then comes from the configuration.
 */
import { createHash, X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { PayhookError } from '../core/errors.ts';
import type { CertificateSource } from '../core/ports/certificate-source.ts';
import type { Delivery, VerifyInput } from '../core/ports/provider.ts';
import type { Secret } from '../core/ports/secret-source.ts';
import type { EpochMs } from '../core/webhook.ts';
import type { ConfigurableProvider, SavedFacts } from '../providers/provider-settings.ts';
import { instantOfText } from '../providers/read-time.ts';

const savedDeliverySchema = z.looseObject({
  name: z.string().optional(),
  /** Which provider's rules; else the file's. */
  provider: z.string().optional(),
  expect: z.enum(['accept', 'reject']).optional(),
  reason: z.string().optional(),
  /** The verifier's time: unix seconds, or RFC 3339. */
  clock: z.union([z.number(), z.string()]).optional(),
  /** Seconds either way. */
  tolerance: z.number().nonnegative().optional(),
  headers: z.record(z.string(), z.union([z.string(), z.array(z.string())])).optional(),
  /** Its UTF-8 bytes are the body. */
  body: z.string().optional(),
  /** In place of `body`, for bytes that are no text. */
  body_base64: z.base64().optional(),
  body_sha256: z.string().optional(),
  method: z.string().optional(),
  query: z.string().optional(),
  secret: z.string().optional(),
  other_secret: z.string().optional(),
  hmac_key_hex: z.string().optional(),
  webhook_id: z.string().optional(),
  notification_url: z.string().optional(),
  /** Key into the file's `certs`. */
  cert: z.string().optional(),
});

const savedBodySchema = savedDeliverySchema.refine(
  ({ body, body_base64: base64 }) => (body === undefined) !== (base64 === undefined),
  { path: ['body'], error: 'expected the text of the body, or body_base64 with its bytes' },
);

const savedDeliveryFileSchema = z.looseObject({
  provider: z.string().optional(),
  /** Certificates above the leaf, by any name: self-issued ones are roots, the others intermediates. */
  ca: z.record(z.string(), z.string()).optional(),
  certs: z.record(z.string(), z.looseObject({ pem: z.string(), urls: z.array(z.string()).optional() })).optional(),
  vectors: z.array(savedBodySchema).min(1),
});

export type SavedDelivery = z.infer<typeof savedDeliverySchema>;
export type SavedDeliveryFile = z.infer<typeof savedDeliveryFileSchema>;

/**
 * The file from its parsed JSON: a whole file with `vectors`, a bare list of deliveries, or one bare delivery.
 * Throws `usage_wrong` naming every field that is wrong; the values, which may be secret, are not repeated.
 */
export const readSavedDeliveries = (json: unknown): SavedDeliveryFile => {
  const isWholeFile = typeof json === 'object' && json !== null && 'vectors' in json;
  const file = isWholeFile ? json : { vectors: Array.isArray(json) ? json : [json] };
  const result = savedDeliveryFileSchema.safeParse(file);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new PayhookError('usage_wrong', `the file does not hold saved deliveries: ${problems.join('; ')}`);
};

export interface SavedDeliveryFallback {
  /** Used where the delivery has no `clock`. */
  readonly now: EpochMs;
  /** Used where the delivery has none of its own. */
  readonly secrets: readonly Secret[];
  /** Of the provider whose rules apply, as they are configured. */
  readonly settings: unknown;
  /** The provider whose rules apply. */
  readonly configurable: ConfigurableProvider;
}

/** The bytes that arrived. */
const bodyOf = (saved: SavedDelivery): Buffer =>
  saved.body === undefined ? Buffer.from(saved.body_base64 ?? '', 'base64') : Buffer.from(saved.body);

/** The name of the provider whose rules apply; undefined when neither delivery nor file says. */
export const providerNameOf = (saved: SavedDelivery, file: SavedDeliveryFile): string | undefined =>
  saved.provider ?? file.provider;

/** The request as it arrived: header names in lower case, the values of one name in the order given. */
export const toDelivery = (saved: SavedDelivery, publicUrl: string | null): Delivery => {
  const headers = new Map<string, readonly string[]>();
  for (const [name, value] of Object.entries(saved.headers ?? {})) {
    const key = name.toLowerCase();
    headers.set(key, [...(headers.get(key) ?? []), ...(Array.isArray(value) ? value : [value])]);
  }
  const { method = 'POST', query = '' } = saved;
  return { body: bodyOf(saved), headers, method, query, publicUrl };
};

/** False when an editor or converter changed the body since it was saved; null when the file does not say. */
export const isBodyAsSaved = (saved: SavedDelivery): boolean | null =>
  saved.body_sha256 === undefined
    ? null
    : createHash('sha256').update(bodyOf(saved)).digest('hex') === saved.body_sha256.toLowerCase();

const describe = (saved: SavedDelivery): string => `saved delivery ${saved.name ?? 'without a name'}`;

const clockOf = (saved: SavedDelivery, fallback: SavedDeliveryFallback): EpochMs => {
  if (saved.clock === undefined) return fallback.now;
  if (typeof saved.clock === 'number') return saved.clock * 1000;
  const instant = instantOfText(saved.clock);
  if (instant !== null) return instant;
  throw new PayhookError(
    'usage_wrong',
    `${describe(saved)} has the clock '${saved.clock}': write unix seconds or an RFC 3339 time`,
  );
};

const SECRET_FIELDS = ['secret', 'other_secret', 'hmac_key_hex', 'webhook_id'] as const;

const secretsOf = (saved: SavedDelivery, fallback: SavedDeliveryFallback): readonly Secret[] => {
  const own = SECRET_FIELDS.flatMap((id) => {
    const value = saved[id];
    return value === undefined ? [] : [{ id, value }];
  });
  const secrets = own.length > 0 ? own : fallback.secrets;
  if (secrets.length > 0) return secrets;
  throw new PayhookError(
    'usage_wrong',
    `${describe(saved)} has no secret and none is configured: add one of ${SECRET_FIELDS.join(', ')}`,
  );
};

const readCertificate = (name: string, pem: string): X509Certificate => {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw new PayhookError('usage_wrong', `the file's certificate '${name}' cannot be read as PEM`, { cause });
  }
};

type Authorities = Pick<SavedFacts, 'roots' | 'intermediates'>;

/** One list object per file, because certificates are parsed once per list. */
const authoritiesByFile = new WeakMap<SavedDeliveryFile, Authorities>();

const authoritiesOf = (file: SavedDeliveryFile): Authorities => {
  const known = authoritiesByFile.get(file);
  if (known !== undefined) return known;
  const roots: string[] = [];
  const intermediates: string[] = [];
  for (const [name, pem] of Object.entries(file.ca ?? {})) {
    const certificate = readCertificate(name, pem);
    (certificate.issuer === certificate.subject ? roots : intermediates).push(pem);
  }
  const authorities = { roots, intermediates };
  authoritiesByFile.set(file, authorities);
  return authorities;
};

const settingsOf = (
  saved: SavedDelivery,
  file: SavedDeliveryFile,
  { settings, configurable }: SavedDeliveryFallback,
): unknown =>
  configurable.ofSaved?.(settings, { toleranceSeconds: saved.tolerance, ...authoritiesOf(file) }) ?? settings;

/** Throws `usage_wrong` where the provider signs the URL that it sends to and nobody says which. */
const publicUrlOf = (saved: SavedDelivery, { configurable, settings }: SavedDeliveryFallback): string | null => {
  const { provider } = configurable;
  const publicUrl = saved.notification_url ?? provider.configuredUrl?.(settings) ?? null;
  if (publicUrl !== null || provider.configuredUrl === undefined) return publicUrl;
  throw new PayhookError('usage_wrong', `${describe(saved)} has no notification_url and none is configured`);
};

/** Serves what the file holds and nothing else: judging a saved delivery never touches the network. */
const certificatesOf = (saved: SavedDelivery, file: SavedDeliveryFile): CertificateSource => {
  const named = saved.cert === undefined ? undefined : file.certs?.[saved.cert];
  return {
    fetch: async (url) => {
      const served = named ?? Object.values(file.certs ?? {}).find((one) => one.urls?.includes(url) === true);
      return served === undefined
        ? { outcome: 'unavailable', reason: 'the file has no certificate for this address' }
        : { outcome: 'found', pem: served.pem };
    },
  };
};

/**
 * What `provider.verify` needs to judge the delivery as the file describes it. The file's own secrets, clock, tolerance,
 * address and certificate authorities win over the fallback; its authorities are trusted as if they were configured, so
 * the verdict says what the file says, not what a running receiver would say.
 * Throws `usage_wrong` when something needed is in neither.
 */
export const toVerifyInput = (
  saved: SavedDelivery,
  file: SavedDeliveryFile,
  fallback: SavedDeliveryFallback,
): VerifyInput => ({
  delivery: toDelivery(saved, publicUrlOf(saved, fallback)),
  secrets: secretsOf(saved, fallback),
  settings: settingsOf(saved, file, fallback),
  now: clockOf(saved, fallback),
  certificates: certificatesOf(saved, file),
});
