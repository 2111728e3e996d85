/** `payhook doctor`: does what the providers deliver come here, and is it what Payhook knows? Asks them, and changes nothing. */
import { createCallApi } from '../adapters/http/call-api.ts';
import { endpointSourcesOf } from '../config/endpoint-sources.ts';
import type { Settings } from '../config/load-config.ts';
import { LIMITS } from '../core/limits.ts';
import type { ConfiguredProvider } from '../core/ports/provider.ts';
import type { EndpointSource, EndpointsOutcome } from '../core/ports/provider-endpoints.ts';
import { readJsonOnce } from '../core/read-json.ts';
import type { OperatorHome } from '../homes/operator-home.ts';
import type { ProviderMapping } from '../payments/mapping.ts';
import { ENDPOINTS_APIS } from '../providers/endpoints-apis.ts';
import { MAPPINGS } from '../providers/mappings.ts';
import {
  type Drift,
  driftsOf,
  type EndpointWanted,
  endpointsOfOurs,
  isVersionNewer,
  wantedEndpoint,
} from '../reconcile/endpoints/endpoint-drift.ts';
import { type CommandContext, loadSettings, withHome } from './command-context.ts';
import { providersOf, sourcesOf } from './reconcile-sources.ts';
import type { ExitCode } from './report-failure.ts';

export interface DoctorOptions {
  readonly provider?: string;
  readonly json?: boolean;
}

/** One that may be asked, and what should be there. */
export interface AskedEndpoints {
  readonly source: EndpointSource;
  readonly wanted: EndpointWanted;
}

/** Throws one sentence that says which variable would have the credential. */
export const askedEndpoints = (
  settings: Settings,
  context: CommandContext,
  provider: string | undefined,
): readonly AskedEndpoints[] => {
  const { clock } = context;
  const asked = new Set(sourcesOf(settings, context, provider).map((source) => source.provider));
  const providers = providersOf(settings);
  return endpointSourcesOf(settings, { call: createCallApi({ clock }), clock })
    .filter((source) => asked.has(source.provider))
    .map((source) => {
      const mapping = MAPPINGS.find((one) => one.provider === source.provider) as ProviderMapping;
      const configured = providers.get(source.provider) as ConfiguredProvider;
      return { source, wanted: wantedEndpoint(configured, mapping, source, settings.config.reconcile) };
    });
};

export const doctor = async (context: CommandContext, options: DoctorOptions): Promise<ExitCode> => {
  const settings = await loadSettings(context);
  const asked = askedEndpoints(settings, context, options.provider);
  return withHome<ExitCode>(context, async (home) => {
    const findings: Finding[] = [];
    for (const one of asked) findings.push(await examine(home, one));
    for (const finding of findings) {
      if (options.json === true) context.print(JSON.stringify(findingJson(finding)));
      else for (const line of findingLines(finding)) context.print(line);
    }
    return findings.every(({ outcome, drifts }) => outcome.outcome === 'endpoints' && drifts.length === 0) ? 0 : 1;
  });
};

interface Finding extends AskedEndpoints {
  readonly outcome: EndpointsOutcome;
  readonly drifts: readonly Drift[];
}

const examine = async (home: OperatorHome, { source, wanted }: AskedEndpoints): Promise<Finding> => {
  const outcome = await source.endpoints.list();
  const ofEndpoints = outcome.outcome === 'endpoints' ? driftsOf(wanted, outcome.endpoints) : [];
  const known = new Set(ofEndpoints.map((drift) => (drift.drift === 'version_newer' ? drift.apiVersion : '')));
  const { mappedAsOf } = wanted;
  const newer = (await versionsOf(home, source)).filter((one) => isVersionNewer(one, mappedAsOf) && !known.has(one));
  const ofEvents = newer.map((apiVersion): Drift => ({ drift: 'version_newer', apiVersion, mappedAsOf }));
  return { source, wanted, outcome, drifts: [...ofEndpoints, ...ofEvents] };
};

/** In which the newest webhooks are written; none where their provider does not say it. */
const versionsOf = async (
  { store, seal }: OperatorHome,
  { provider, mode }: EndpointSource,
): Promise<readonly string[]> => {
  const apiVersionIn = ENDPOINTS_APIS.find((api) => api.provider === provider)?.apiVersionIn;
  if (apiVersionIn === undefined) return [];
  const { items } = await store.list({ provider, mode, limit: LIMITS.versionsLookedAtMax });
  const versions = new Set<string>();
  for (const summary of items) {
    const webhook = await store.get(summary);
    if (webhook === undefined) continue;
    const read = readJsonOnce(await seal.open(webhook.payload, webhook));
    const version = read.outcome === 'read' && isObject(read.value) ? apiVersionIn(read.value) : null;
    if (version !== null) versions.add(version);
  }
  return [...versions];
};

const isObject = (
  value: unknown,
): value is Parameters<NonNullable<(typeof ENDPOINTS_APIS)[number]['apiVersionIn']>>[0] =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const TYPES_SHOWN_MAX = 5;

const typesText = (eventTypes: readonly string[]): string =>
  eventTypes.length <= TYPES_SHOWN_MAX
    ? eventTypes.join(', ')
    : `${eventTypes.slice(0, TYPES_SHOWN_MAX).join(', ')} and ${eventTypes.length - TYPES_SHOWN_MAX} more`;

/** What is wrong, and what to do. */
const driftText = (drift: Drift, { provider }: EndpointWanted): string => {
  switch (drift.drift) {
    case 'not_registered':
      return `no endpoint that is registered there leads here: payhook endpoints create --provider ${provider} --url <url>`;
    case 'disabled':
      return `it is disabled, nothing is sent to it: payhook endpoints update --provider ${provider} --enable`;
    case 'thin_disabled':
      return `${drift.endpoint.id} is disabled, no thin events are sent to it: payhook endpoints update --provider ${provider} --id ${drift.endpoint.id} --enable`;
    case 'only_thin':
      return `only thin events are sent here (${drift.endpoint.id}), and no payment changes by those: payhook endpoints create --provider ${provider} --url <url>`;
    case 'registered_twice':
      return `${drift.endpoints.length} endpoints lead here, so that each event comes as often: remove all but one (${drift.endpoints.map(({ id }) => id).join(', ')})`;
    case 'types_missing':
      return `${drift.eventTypes.length} types that are mapped are not sent to it (${typesText(drift.eventTypes)}): payhook endpoints update --provider ${provider}`;
    case 'version_newer':
      return `events are written in API version ${drift.apiVersion}, newer than what is mapped (${drift.mappedAsOf}): update Payhook, or look for dead letters`;
    default:
      return drift satisfies never;
  }
};

export const refusalText = (outcome: Exclude<EndpointsOutcome, { readonly outcome: 'endpoints' }>): string => {
  switch (outcome.outcome) {
    case 'credential_refused':
      return `the provider refuses the credential (${outcome.reason}): docs/reconcile.md says which rights it needs for this`;
    case 'rate_limited':
      return 'the provider wants us to wait: run it again in a minute';
    case 'unavailable':
      return `the provider could not be asked (${outcome.reason}): run it again`;
    default:
      return outcome satisfies never;
  }
};

export const notListedText = ({
  what,
  reason,
}: NonNullable<Extract<EndpointsOutcome, { readonly outcome: 'endpoints' }>['notListed']>): string =>
  `${what} were not looked at, for the credential may not list them (${reason})`;

const findingLines = ({ source, wanted, outcome, drifts }: Finding): readonly string[] => {
  if (outcome.outcome !== 'endpoints') return [`${source.id}: ${refusalText(outcome)}`];
  const ours = endpointsOfOurs(wanted, outcome.endpoints).map(
    ({ url, eventTypes, apiVersion, isThin }) =>
      `${source.id}: ${url}, ${eventTypes.includes('*') ? 'all' : eventTypes.length} ${isThin === true ? 'thin ' : ''}types${apiVersion === null ? '' : `, API version ${apiVersion}`}`,
  );
  const told = drifts.map((drift) => `${source.id}: ${driftText(drift, wanted)}`);
  const { notListed } = outcome;
  const unseen = notListed === undefined ? [] : [`${source.id}: ${notListedText(notListed)}`];
  return [...ours, ...unseen, ...(drifts.length === 0 ? [`${source.id}: as it should be`] : told)];
};

const findingJson = ({ source, wanted, outcome, drifts }: Finding) => ({
  source: source.id,
  provider: source.provider,
  outcome: outcome.outcome,
  ...('reason' in outcome ? { reason: outcome.reason } : {}),
  endpoints: outcome.outcome === 'endpoints' ? endpointsOfOurs(wanted, outcome.endpoints) : [],
  ...(outcome.outcome === 'endpoints' && outcome.notListed !== undefined ? { notListed: outcome.notListed } : {}),
  drifts: drifts.map((drift) => ({ ...drift, message: driftText(drift, wanted) })),
});
