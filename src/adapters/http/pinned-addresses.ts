/**
 * Where a host name leads, checked before anything connects. Whoever connects gets the checked addresses and nothing
 * else, so that a name cannot lead elsewhere between the check and the connection.
 */
import { lookup as lookupAll } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import { isPublicAddress } from './public-address.ts';

/** All addresses of a host name. Rejects with an error that has a code. */
export type Resolve = (host: string) => Promise<readonly string[]>;

export type PinnedAddresses =
  | {
      readonly outcome: 'pinned';
      /** The same for the same addresses in any order. */
      readonly key: string;
      /** For `net.connect`: answers with these addresses, whatever it is asked. */
      readonly lookup: LookupFunction;
    }
  /** One of the addresses is not public. All of them are refused then: which one is connected to would be chance. */
  | { readonly outcome: 'refused'; readonly address: string }
  | { readonly outcome: 'unresolved'; readonly code: string };

export interface PinnedAddressesDeps {
  /** A name, or an IP address without brackets. */
  readonly host: string;
  readonly arePrivateAddressesAllowed: boolean;
  /** @default the system's resolver */
  readonly resolve?: Resolve | undefined;
}

/** A thousand messages a second must not ask the resolver a thousand times; a name that moves is noticed after this long. */
const REMEMBERED_MS = 1000;

const resolveBySystem: Resolve = async (host) => (await lookupAll(host, { all: true })).map(({ address }) => address);

const pinnedTo = (addresses: readonly string[]): PinnedAddresses => {
  const answers = addresses.map((address) => ({ address, family: isIP(address) }));
  const [first] = answers;
  if (first === undefined) return { outcome: 'unresolved', code: 'ENODATA' };
  return {
    outcome: 'pinned',
    key: addresses.toSorted().join(' '),
    lookup: (_host, { all }, callback) =>
      all === true ? callback(null, [...answers]) : callback(null, first.address, first.family),
  };
};

/** The addresses that may be connected to now. Calls at the same time share one question to the resolver. */
export const createPinnedAddresses = (deps: PinnedAddressesDeps): (() => Promise<PinnedAddresses>) => {
  const { host, arePrivateAddressesAllowed, resolve = resolveBySystem } = deps;
  let known: { readonly addresses: PinnedAddresses; readonly at: number } | null = null;
  let underway: Promise<PinnedAddresses> | null = null;

  const check = (addresses: readonly string[]): PinnedAddresses => {
    const refused = arePrivateAddressesAllowed ? undefined : addresses.find((address) => !isPublicAddress(address));
    return refused === undefined ? pinnedTo(addresses) : { outcome: 'refused', address: refused };
  };

  const ask = async (): Promise<PinnedAddresses> => {
    try {
      const addresses = check(isIP(host) === 0 ? await resolve(host) : [host]);
      known = { addresses, at: performance.now() };
      return addresses;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'EAI_FAIL';
      return { outcome: 'unresolved', code };
    } finally {
      underway = null;
    }
  };

  return async () => {
    if (known !== null && performance.now() - known.at < REMEMBERED_MS) return known.addresses;
    underway ??= ask();
    return underway;
  };
};
