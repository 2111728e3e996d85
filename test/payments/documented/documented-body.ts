/** Bodies in the shapes that the providers' documents show, whole, with the fields that Payhook does not read too. */

export interface DocumentedBody {
  /** The event types that carry this object. */
  readonly types: readonly string[];
  /** What the event is about: `data.object`, `resource`, the item. */
  readonly object: Readonly<Record<string, unknown>>;
}

/** Of each type, with the object. */
export const of = (types: string, object: DocumentedBody['object']): DocumentedBody => ({
  types: types.split(' '),
  object,
});
