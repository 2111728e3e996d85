import { didYouMean } from '../core/nearest-name.ts';

export interface ConfigProblem {
  /** The variable, or the setting with the file it stands in. */
  readonly where: string;
  /** What was found; `(hidden)` for secrets. */
  readonly found: string;
  readonly expected: string;
}

/** What is expected in the place of a name that is not one of `names`. */
export const expectedName = (found: string, names: readonly string[]): string => {
  const meant = didYouMean(found, names);
  return meant === '' ? `nothing by that name: remove it, or use one of ${names.join(', ')}` : `another name: ${meant}`;
};
