export interface ConfigProblem {
  /** The variable, or the setting with the file it stands in. */
  readonly where: string;
  /** What was found; `(hidden)` for secrets. */
  readonly found: string;
  readonly expected: string;
}
