/** The configured destinations that work in a home: a file needs a disk that stays, a bus needs AWS. */
import type { CompleteConfig } from './schema.ts';

export type CompleteDestination = CompleteConfig['destinations'][string];
export type DestinationKind = CompleteDestination['kind'];

export type NamedDestination<Kind extends DestinationKind = DestinationKind> = Extract<
  CompleteDestination,
  { readonly kind: Kind }
> & { readonly name: string };

const HOMES = { http: ['local', 'aws'], eventbridge: ['aws'], ndjson: ['local'] } as const satisfies Record<
  DestinationKind,
  readonly ('local' | 'aws')[]
>;

export const isInHome = (kind: DestinationKind, home: 'local' | 'aws'): boolean =>
  (HOMES[kind] as readonly string[]).includes(home);

/** In the order of the configuration. */
export const destinationsOf = (
  config: Pick<CompleteConfig, 'destinations'>,
  home: 'local' | 'aws',
): readonly NamedDestination[] =>
  Object.entries(config.destinations)
    .filter(([, { kind }]) => isInHome(kind, home))
    .map(([name, destination]) => ({ ...destination, name }));

/** Where the signing secrets of a destination are kept, beside those of providers, which never begin like this. */
export const secretNameOf = (destination: string): string => `destination-${destination}`;
