/**
 * What a provider's API said of an object as it is now, asked because what was delivered names no payment, or contradicts
 * itself. Kept with the webhook: an observation, which changes no amount.
 */
export const PRESENT_KINDS = [
  'order',
  'payment',
  'authorization',
  'capture',
  'charge',
  'dispute',
  'refund',
  'review',
] as const;
export type PresentKind = (typeof PRESENT_KINDS)[number];

/** Something of a provider's, by the id that it has there. */
export interface AskedObject {
  readonly kind: PresentKind;
  readonly id: string;
}

/** One of the ids that name a payment. */
interface Name {
  readonly kind: Exclude<PresentKind, 'refund' | 'review'>;
  readonly id: string;
}

export const PRESENT_OUTCOMES = [
  /** Its payment is named: `names`. */
  'attributed',
  'names_no_payment',
  /** It is of several payments: which part is whose, it does not say. */
  'names_several',
  /** Where events contradict each other: the provider has it as it is here, or not. */
  'same',
  'differs',
  /** What the API says of it is nothing that is known here as well. */
  'not_compared',
  'not_found',
  'not_understood',
] as const;
export type PresentOutcome = (typeof PRESENT_OUTCOMES)[number];

const WHY = ['unattributed', 'contradictory'] as const;

export interface PresentState extends AskedObject {
  readonly why: (typeof WHY)[number];
  readonly outcome: PresentOutcome;
  /** When it was asked, in UTC milliseconds. */
  readonly at: number;
  /** Of `attributed`, the most general first. */
  readonly names?: readonly Name[];
  /** Of `attributed`: the capture or the like of the payment that it is about, where the API says so. */
  readonly part?: string;
  /** Of `differs`: what either side says. */
  readonly detail?: string;
}

/** A list without names: an item of a table is paid by the kilobyte. */
export type PackedPresent = readonly [
  why: number,
  kind: number,
  id: string,
  outcome: number,
  at: number,
  detailOrPart?: string | null,
  ...names: (readonly [kind: number, id: string])[],
];

export const packPresent = (states: readonly PresentState[]): readonly PackedPresent[] =>
  states.map(({ why, kind, id, outcome, at, names = [], detail, part }): PackedPresent => {
    const said = [WHY.indexOf(why), PRESENT_KINDS.indexOf(kind), id, PRESENT_OUTCOMES.indexOf(outcome), at] as const;
    const named = names.map((name) => [PRESENT_KINDS.indexOf(name.kind), name.id] as const);
    if (named.length > 0) return [...said, part ?? null, ...named];
    return detail === undefined ? said : [...said, detail];
  });

export const unpackPresent = (packed: readonly PackedPresent[]): readonly PresentState[] =>
  packed.map(([why, kind, id, outcome, at, text = null, ...names]) => ({
    why: WHY[why] ?? 'contradictory',
    kind: PRESENT_KINDS[kind] ?? 'payment',
    id,
    outcome: PRESENT_OUTCOMES[outcome] ?? 'not_understood',
    at,
    ...(text === null || names.length > 0 ? {} : { detail: text }),
    ...(text === null || names.length === 0 ? {} : { part: text }),
    ...(names.length === 0
      ? {}
      : { names: names.map(([of, name]) => ({ kind: PRESENT_KINDS[of] as Name['kind'], id: name })) }),
  }));

/** For the trail: the most telling of them, as a code. Null where nothing was asked. */
export const reasonOfPresent = (states: readonly PresentState[] | undefined): string | null => {
  if (states === undefined || states.length === 0) return null;
  const has = (wanted: PresentOutcome): boolean => states.some(({ outcome }) => outcome === wanted);
  if (has('differs')) return 'present_state_differs';
  if (has('attributed')) return 'attributed_by_api';
  return has('same') ? 'present_state_same' : 'present_state_unknown';
};
