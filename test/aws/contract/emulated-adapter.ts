/** What the suite of a port runs against on AWS: an adapter that needs a server, started for the tests of a file. */
export interface EmulatedAdapter<Used extends { readonly open: unknown } = { readonly open: unknown }> {
  readonly name: string;
  /** Called where a file defines its tests: starts the server before them, stops it after, and says how one is opened. */
  readonly use: () => Used;
}

export const emulated = <Used extends { readonly open: unknown }>(
  name: string,
  use: () => Used,
): EmulatedAdapter<Used> => ({ name, use });
