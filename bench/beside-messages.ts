/** What the section and the server that it measures say to each other. */

export type BesideWork = 'retention' | 'reconciling';

export type BesideRequest =
  | { readonly kind: 'begin'; readonly work: BesideWork }
  /** Ends what was begun, and asks what it has done. */
  | { readonly kind: 'end' };

export type BesideReply =
  | { readonly kind: 'started'; readonly port: number }
  | { readonly kind: 'begun' }
  /** Rows removed, by kind, or events gone through. */
  | { readonly kind: 'ended'; readonly counts: Readonly<Record<string, number>> };
