/** What is not as it should be with the endpoint that a provider delivers to: is it there, does it hear, and what. Pure. */
import type { ConfiguredProvider } from '../../core/ports/provider.ts';
import type { EndpointSource, RegisteredEndpoint } from '../../core/ports/provider-endpoints.ts';
import type { ProviderMapping } from '../../payments/mapping.ts';
import { wantedTypesOf } from '../wanted-types.ts';

export type Drift =
  /** No endpoint of the provider's leads here. */
  | { readonly drift: 'not_registered' }
  | { readonly drift: 'disabled'; readonly endpoint: RegisteredEndpoint }
  /** Thin events were sent here and are not any more; whole ones are. */
  | { readonly drift: 'thin_disabled'; readonly endpoint: RegisteredEndpoint }
  /** Only events without data are sent here, by which no payment changes. */
  | { readonly drift: 'only_thin'; readonly endpoint: RegisteredEndpoint }
  /** Each event comes once from each of them, under ids of its own at some providers. */
  | { readonly drift: 'registered_twice'; readonly endpoints: readonly RegisteredEndpoint[] }
  /** Types that are mapped, and that it is not subscribed to. */
  | { readonly drift: 'types_missing'; readonly endpoint: RegisteredEndpoint; readonly eventTypes: readonly string[] }
  /** Its events are written in a version that is newer than what was mapped. */
  | { readonly drift: 'version_newer'; readonly apiVersion: string; readonly mappedAsOf: string };

export interface EndpointWanted {
  readonly provider: string;
  /** Where it is set, for endpoints or for the provider. Else whatever ends like a URL of ours. */
  readonly url: string | null;
  readonly eventTypes: readonly string[];
  /** The month of the catalogue that is mapped. */
  readonly mappedAsOf: string;
}

/**
 * Types that say something, as far as an endpoint can be subscribed to them; of those that the configuration says it is
 * subscribed to, where it does.
 */
const typesWanted = (
  mapping: ProviderMapping,
  formerTypes: readonly string[],
  patterns: readonly string[] | undefined,
): readonly string[] => {
  const isWanted = wantedTypesOf(patterns, mapping);
  return mapping.rows
    .filter(({ gives }) => gives.length > 0)
    .map(({ providerType }) => providerType)
    .filter((type) => !formerTypes.includes(type) && isWanted(type));
};

/** What the configuration says of endpoints, by provider. */
export interface EndpointSettings {
  /** What they are subscribed to. */
  readonly eventTypes: Readonly<Record<string, readonly string[] | undefined>>;
  readonly endpointUrls: Readonly<Record<string, string | undefined>>;
}

export const wantedEndpoint = (
  { provider, settings }: ConfiguredProvider,
  mapping: ProviderMapping,
  { formerTypes }: Pick<EndpointSource, 'formerTypes'>,
  { eventTypes, endpointUrls }: EndpointSettings,
): EndpointWanted => ({
  provider: provider.name,
  url: endpointUrls[provider.name] ?? provider.configuredUrl?.(settings) ?? null,
  eventTypes: typesWanted(mapping, formerTypes, eventTypes[provider.name]),
  mappedAsOf: mapping.catalogue.asOf,
});

/** A path may have a stage before it. */
const isOurs = ({ provider, url }: EndpointWanted, registered: RegisteredEndpoint): boolean =>
  url === null ? URL.parse(registered.url)?.pathname.endsWith(`/webhook/${provider}`) === true : registered.url === url;

export const endpointsOfOurs = (
  wanted: EndpointWanted,
  registered: readonly RegisteredEndpoint[],
): readonly RegisteredEndpoint[] => registered.filter((endpoint) => isOurs(wanted, endpoint));

const missingTypes = ({ eventTypes }: EndpointWanted, endpoint: RegisteredEndpoint): readonly string[] =>
  endpoint.eventTypes.includes('*') ? [] : eventTypes.filter((type) => !endpoint.eventTypes.includes(type));

/** Versions begin with their date at all providers that have some. */
export const isVersionNewer = (apiVersion: string, mappedAsOf: string): boolean =>
  /^\d{4}-\d{2}/.test(apiVersion) && apiVersion.slice(0, mappedAsOf.length) > mappedAsOf;

const driftsOfOne = (wanted: EndpointWanted, endpoint: RegisteredEndpoint): readonly Drift[] => {
  const { apiVersion } = endpoint;
  const { mappedAsOf } = wanted;
  const eventTypes = missingTypes(wanted, endpoint);
  return [
    ...(eventTypes.length === 0 ? [] : [{ drift: 'types_missing', endpoint, eventTypes } as const]),
    ...(apiVersion === null || !isVersionNewer(apiVersion, mappedAsOf)
      ? []
      : [{ drift: 'version_newer', apiVersion, mappedAsOf } as const]),
  ];
};

/** Of those of ours that carry what they are about. Disabled ones beside one that is not are of no account. */
const driftsOfWhole = (wanted: EndpointWanted, whole: readonly RegisteredEndpoint[]): readonly Drift[] => {
  const enabled = whole.filter(({ isEnabled }) => isEnabled);
  const twice = enabled.length > 1 ? [{ drift: 'registered_twice', endpoints: enabled } as const] : [];
  return [...twice, ...enabled.flatMap((endpoint) => driftsOfOne(wanted, endpoint))];
};

/** Empty where all is well. */
export const driftsOf = (wanted: EndpointWanted, registered: readonly RegisteredEndpoint[]): readonly Drift[] => {
  const ours = endpointsOfOurs(wanted, registered);
  const [first] = ours;
  if (first === undefined) return [{ drift: 'not_registered' }];
  const whole = ours.filter(({ isThin }) => isThin !== true);
  const thin = ours.filter(({ isThin }) => isThin === true);
  const hearsWhole = whole.some(({ isEnabled }) => isEnabled);
  const heardThin = thin.find(({ isEnabled }) => isEnabled);
  if (whole[0] !== undefined && !hearsWhole) return [{ drift: 'disabled', endpoint: whole[0] }];
  if (!hearsWhole) {
    return [
      heardThin === undefined ? { drift: 'disabled', endpoint: first } : { drift: 'only_thin', endpoint: heardThin },
    ];
  }
  const deafToThin = heardThin === undefined ? thin.slice(0, 1) : [];
  return [
    ...deafToThin.map((endpoint) => ({ drift: 'thin_disabled', endpoint }) as const),
    ...driftsOfWhole(wanted, whole),
  ];
};
