/** Addresses that a delivery may have been sent to, for providers that sign theirs: the configured one with each part altered. */
import { type DeliveryHeaders, singleHeader } from '../core/ports/provider.ts';
import type { UrlPart } from './diagnosis.ts';
import { type DoctorCase, type WhatIf, withDelivery } from './what-if.ts';

interface Choice {
  readonly text: string;
  readonly parts: readonly UrlPart[];
}

/** Each text once, the configured one first; everything else differs in this part. */
const choices = (part: UrlPart, own: string, others: readonly string[], max: number): readonly Choice[] =>
  [...new Set([own, ...others])].slice(0, max).map((text) => ({ text, parts: text === own ? [] : [part] }));

const firstOf = (headers: DeliveryHeaders, name: string): readonly string[] => {
  const first = headers.get(name)?.[0]?.split(',')[0]?.trim();
  return first === undefined || first === '' ? [] : [first];
};

const HOST_HEADERS = ['host', 'x-forwarded-host', 'x-original-host', 'x-forwarded-server', ':authority'];
const PATH_HEADERS = ['x-original-uri', 'x-original-url', 'x-rewrite-url', 'x-forwarded-uri', 'x-envoy-original-path'];
/** Stages of gateways, which are in the address that calls come to and not always in the one that is known here. */
const STAGES = ['/prod', '/production', '/v1', '/dev', '/test', '/live', '/api'];
const PORTS = [':443', ':80', ':8080', ':8443'];

const hostsSaid = (headers: DeliveryHeaders): readonly string[] => [
  ...HOST_HEADERS.flatMap((name) => firstOf(headers, name)),
  ...(/host="?([^";,]+)/i.exec(singleHeader(headers, 'forwarded') ?? '')?.slice(1) ?? []),
];

const nameOf = (host: string): string => host.replace(/:\d+$/, '');
const portOf = (host: string): string => /:\d+$/.exec(host)?.[0] ?? '';

const otherNames = (own: string, said: readonly string[]): readonly string[] => [
  ...said.map(nameOf),
  own.toLowerCase(),
  own.startsWith('www.') ? own.slice(4) : `www.${own}`,
];

const pathsOf = (path: string, headers: DeliveryHeaders, providerName: string): readonly Choice[] => {
  const said = PATH_HEADERS.flatMap((name) => firstOf(headers, name)).map((one) => one.split('?')[0] ?? '');
  const prefixes = [...firstOf(headers, 'x-forwarded-prefix'), ...STAGES];
  const cut = path.split('/').map((_, index, segments) => `/${segments.slice(index + 1).join('/')}`);
  const others = [
    ...said,
    ...prefixes.map((prefix) => prefix.replace(/\/$/, '') + path),
    ...cut,
    `/webhook/${providerName}`,
  ];
  return choices('path', path, others, PATHS_MAX).flatMap(({ text, parts }): Choice[] => {
    const other = text.endsWith('/') ? text.slice(0, -1) : `${text}/`;
    return [
      { text, parts },
      { text: other, parts: [...parts, 'slash'] },
    ];
  });
};

const HOSTS_MAX = 6;
const PATHS_MAX = 16;
/** Judged, those with the fewest differences first. */
const URLS_MAX = 400;

const URL_SHAPE = /^(https?):\/\/([^/?#]*)([^?#]*)(\?[^#]*)?/i;

interface Candidate {
  readonly url: string;
  readonly parts: readonly UrlPart[];
}

const candidatesOf = (configured: string, { provider, input }: DoctorCase): readonly Candidate[] => {
  const [, scheme = 'https', host = '', path = '', query = ''] = URL_SHAPE.exec(configured.trim()) ?? [];
  const { headers } = input.delivery;
  const said = hostsSaid(headers);
  const schemes = choices('scheme', scheme.toLowerCase(), ['https', 'http'], 2);
  const names = choices('host', nameOf(host), otherNames(nameOf(host), said), HOSTS_MAX);
  const ports = [...firstOf(headers, 'x-forwarded-port').map((port) => `:${port}`), ...said.map(portOf), ...PORTS];
  const ownQuery = input.delivery.query === '' ? [] : [`?${input.delivery.query}`];
  const all: Candidate[] = [];
  for (const one of schemes)
    for (const name of names)
      for (const port of choices('port', portOf(host), ['', ...ports], HOSTS_MAX))
        for (const place of pathsOf(path, headers, provider.name))
          for (const asked of choices('query', query, ['', ...ownQuery], 3))
            all.push({
              url: `${one.text}://${name.text}${port.text}${place.text}${asked.text}`,
              parts: [one, name, port, place, asked].flatMap(({ parts }) => parts),
            });
  return all.toSorted((left, right) => left.parts.length - right.parts.length).slice(0, URLS_MAX);
};

/** What may be shown: a query may hold a password. */
const shown = (url: string): string => url.replace(/\?.*$/s, '?…');

export function* urlChanges(doctorCase: DoctorCase): Generator<WhatIf> {
  const { provider, input } = doctorCase;
  const configured = input.delivery.publicUrl;
  if (provider.configuredUrl === undefined || configured === null) return;
  for (const { url, parts } of candidatesOf(configured, doctorCase)) {
    if (url === configured) continue;
    yield {
      input: withDelivery(input, { publicUrl: url }),
      diagnosis: () => ({ kind: 'url_other', parts, url: shown(url) }),
    };
  }
}
