/**
 * What the configuration asks for one provider: each `providers/<name>/settings.ts` has it. The only files of providers that
 * use zod, so that no function carries it.
 */
import type { z } from 'zod';
import type { Provider } from '../core/ports/provider.ts';

/** Something wrong that a schema cannot see. Exactly one of `setting` and `variable` says where. */
export interface SettingsProblem {
  /** In the configuration file, below `providers.<name>`; empty for all of it. */
  readonly setting?: string;
  /** In the environment. */
  readonly variable?: string;
  readonly found: string;
  readonly expected: string;
}

export interface SettingsInput<File> {
  /** What the configuration file says of the provider, defaults filled in. */
  readonly file: File;
  /** The provider's further variables, as their schema has read them; one that is not set is missing. */
  readonly variables: Readonly<Record<string, unknown>>;
  readonly mode: 'live' | 'test' | undefined;
  /** Whether the environment has signing secrets for it. */
  readonly hasSecrets: boolean;
  /** The text of a file and its whole path; `path` is relative to the configuration file. Null text: it is not there. */
  readonly readFile: (path: string) => { readonly path: string; readonly text: string | null };
  /** All problems are reported together; what is returned beside one is not used. */
  readonly report: (problem: SettingsProblem) => void;
}

/** What a saved delivery brings for itself: `payhook verify` judges it with this instead of what is configured. */
export interface SavedFacts {
  readonly toleranceSeconds: number | undefined;
  /** Certificates (PEM) that are trusted, and those between them and a leaf; empty when the file has none. */
  readonly roots: readonly string[];
  readonly intermediates: readonly string[];
}

export interface ProviderSettings<Settings, File = unknown> {
  /** Strict, with every default. Its input is the documented type of the provider's folder. */
  readonly schema: z.ZodType<File>;
  /** Environment variables besides the one with the secrets, each `PAYHOOK_…` with its schema. A wrong value is shown: never a secret. @default none */
  readonly variables?: Readonly<Record<string, z.ZodType>>;
  /** What the provider and its mapping are given. It travels as JSON into the functions. */
  settingsOf(input: SettingsInput<File>): Settings;
  /** @default the settings as they are */
  ofSaved?(settings: Settings, saved: SavedFacts): Settings;
}

/** A provider with what the configuration asks for it. */
export interface ConfigurableProvider extends ProviderSettings<unknown> {
  readonly provider: Provider;
}

/**
 * The one place where a provider's own settings type is given up: it has been checked by then that what the configuration
 * makes is what the provider reads.
 */
export const configurable = <Settings, File>(
  provider: Provider<Settings>,
  settings: ProviderSettings<Settings, File>,
): ConfigurableProvider => ({ provider, ...settings });
