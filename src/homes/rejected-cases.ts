/**
 * Rejected deliveries as operators work on them, from the command line and in the console alike: what is known of one, does
 * it verify by now, why not, and accepting it. Each question is judged with the secrets of the moment at which it is asked.
 */
import type { Settings } from '../config/load-config.ts';
import { PayhookError } from '../core/errors.ts';
import type { CertificateSource } from '../core/ports/certificate-source.ts';
import type { ConfiguredProvider, Delivery, Provider } from '../core/ports/provider.ts';
import { type RejectedDelivery, type RejectedSummary, rejectedKey } from '../core/ports/rejected-box.ts';
import type { SecretSource } from '../core/ports/secret-source.ts';
import { type RetriesLeft, retriesLeft } from '../core/retries-end.ts';
import type { Actor } from '../core/webhook.ts';
import { type DoctorReport, reportOf } from '../doctor/advice.ts';
import { diagnose } from '../doctor/diagnose.ts';
import { doctorOf } from '../providers/doctors.ts';
import { type AcceptOutcome, createAcceptRejected } from '../receive/accept-rejected.ts';
import { unpackDelivery } from '../receive/rejected-payload.ts';
import { endpointsOf } from './endpoints-of.ts';
import type { OperatorHome } from './operator-home.ts';

export interface RejectedCasesDeps {
  readonly settings: Pick<Settings, 'known' | 'providerSettings' | 'retentionMs'> & {
    readonly config: Pick<Settings['config'], 'mode'>;
  };
  readonly home: OperatorHome;
  /** The secrets of now: opened for one question. */
  readonly withSecrets: <Result>(work: (source: SecretSource) => Promise<Result>) => Promise<Result>;
  readonly certificates: CertificateSource;
  readonly onAlert: (summary: string) => void;
}

export interface RejectedCase {
  readonly summary: RejectedSummary;
  readonly provider: Provider;
  /** How long the provider still tries by itself. */
  readonly retries: RetriesLeft;
}

/** Does it verify, as of the time at which it came? */
export interface Judgement {
  readonly outcome: 'verified' | 'rejected' | 'unavailable';
  readonly reason: string | null;
}

/** Each throws `not_found` for one that is not kept, `configuration_invalid` for one of a provider that is not configured. */
export interface RejectedCases {
  show(id: string): Promise<RejectedCase>;
  verify(id: string): Promise<Judgement>;
  /** One sentence of what is wrong, one of what to change. */
  diagnose(id: string): Promise<DoctorReport & { readonly isMasked: boolean }>;
  /** Only if it verifies; audited with the reason before it is stored. */
  accept(id: string, operator: Actor, reason: string): Promise<AcceptOutcome>;
}

interface Opened {
  readonly rejected: RejectedDelivery;
  readonly configured: ConfiguredProvider;
}

export const createRejectedCases = (deps: RejectedCasesDeps): RejectedCases => {
  const { home, settings, withSecrets } = deps;
  const providers = providersOf(settings);

  const open = async (id: string): Promise<Opened> => {
    const rejected = await home.rejected.get(id);
    if (rejected === undefined) {
      throw new PayhookError(
        'not_found',
        `there is no rejected delivery ${id}: another one may have taken its place, or its time was over`,
      );
    }
    const configured = providers.get(rejected.provider);
    if (configured === undefined) {
      throw new PayhookError('configuration_invalid', `provider ${rejected.provider} is not configured any more`);
    }
    return { rejected, configured };
  };

  return {
    async show(id) {
      const { rejected, configured } = await open(id);
      const { payload: _, ...summary } = rejected;
      const { provider } = configured;
      const firstTriedAt = provider.firstTriedAt?.(await deliveryOf(home, rejected)) ?? summary.rejectedAt;
      return { summary, provider, retries: retriesLeft(provider.retrySchedule, firstTriedAt, home.clock.now()) };
    },
    async verify(id) {
      const opened = await open(id);
      const { provider, input } = await withSecrets((source) => judgedBy(deps, opened, source));
      const verification = await provider.verify(input);
      const reason = verification.outcome === 'verified' ? null : verification.reason;
      return { outcome: verification.outcome, reason };
    },
    async diagnose(id) {
      const opened = await open(id);
      const judged = await withSecrets((source) => judgedBy(deps, opened, source));
      const { provider } = judged;
      const outcome = await diagnose({ ...judged, mode: settings.config.mode }, doctorOf(provider.name));
      return { ...reportOf(outcome, provider), isMasked: opened.rejected.cardDataCount > 0 };
    },
    async accept(id, operator, reason) {
      const { rejected } = await open(id);
      return withSecrets((secrets) =>
        createAcceptRejected({
          ...home,
          box: home.rejected,
          providers,
          secrets,
          certificates: deps.certificates,
          alerts: { raise: ({ summary }) => deps.onAlert(summary) },
          retentionMs: settings.retentionMs,
        })(rejected, operator, reason),
      );
    },
  };
};

const providersOf = ({
  known,
  providerSettings,
}: RejectedCasesDeps['settings']): ReadonlyMap<string, ConfiguredProvider> =>
  new Map(
    known
      .filter(({ provider: { name } }) => providerSettings.has(name))
      .map(({ provider }) => [provider.name, { provider, settings: providerSettings.get(provider.name) }]),
  );

const deliveryOf = async ({ seal }: Pick<OperatorHome, 'seal'>, rejected: RejectedDelivery): Promise<Delivery> =>
  unpackDelivery(await seal.open(rejected.payload, rejectedKey(rejected)));

const judgedBy = async (
  { settings, home, certificates }: RejectedCasesDeps,
  { rejected, configured }: Opened,
  source: SecretSource,
) => {
  const { provider } = configured;
  const endpoints = await endpointsOf(settings, source);
  const delivery = await deliveryOf(home, rejected);
  const input = {
    delivery: { ...delivery, publicUrl: provider.configuredUrl?.(configured.settings) ?? delivery.publicUrl },
    secrets: endpoints.find((endpoint) => endpoint.provider.name === provider.name)?.secrets ?? [],
    settings: configured.settings,
    now: rejected.rejectedAt,
    certificates,
  };
  return { provider, input, others: endpoints.filter((endpoint) => endpoint.provider.name !== provider.name) };
};
