/**
 * Addresses from which providers say they send. A published address is not limited one by one at the edge; it is never a
 * proof of anything, and an address that is not listed is never refused for that. Providers change their lists: compare
 * with `source` when `asOf` is old.
 */

export interface PublishedAddresses {
  readonly provider: string;
  readonly addresses: readonly string[];
  /** Where the provider publishes them, or what it says instead. */
  readonly source: string;
  /** The month in which the list was known to be right. */
  readonly asOf: string;
}

export const PUBLISHED_ADDRESSES: readonly PublishedAddresses[] = [
  {
    provider: 'stripe',
    addresses: [
      '3.18.12.63',
      '3.69.109.8',
      '3.120.168.93',
      '3.130.192.231',
      '13.235.14.237',
      '13.235.122.149',
      '18.211.135.69',
      '35.154.171.200',
      '35.157.207.129',
      '52.15.183.38',
      '54.88.130.119',
      '54.88.130.237',
      '54.187.174.169',
      '54.187.205.235',
      '54.187.216.72',
    ],
    source: 'https://stripe.com/files/ips/ips_webhooks.txt (changes are announced seven days ahead)',
    asOf: '2026-05',
  },
  {
    provider: 'square',
    // Production first, then sandbox.
    addresses: ['54.245.1.154', '34.202.99.168', '54.212.177.79', '107.20.218.8'],
    source: 'https://developer.squareup.com/docs/webhooks/overview',
    asOf: '2026-09',
  },
  {
    provider: 'paypal',
    addresses: [],
    source: 'PayPal publishes none for webhooks; lists by third parties are incomplete',
    asOf: '2026-09',
  },
  {
    provider: 'adyen',
    addresses: [],
    source: 'Adyen publishes none: its documentation says to resolve out.adyen.com every hour',
    asOf: '2026-09',
  },
  {
    provider: 'standard-webhooks',
    addresses: [],
    source: 'a specification for any sender: none are common to all',
    asOf: '2026-09',
  },
];

/** The addresses of one provider; none for a provider that publishes none or is not known. */
export const publishedAddressesOf = (provider: string): readonly string[] =>
  PUBLISHED_ADDRESSES.find((entry) => entry.provider === provider)?.addresses ?? [];
