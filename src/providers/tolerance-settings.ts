/** What providers ask for that sign a timestamp and need nothing else. */
import { z } from 'zod';
import { LIMITS } from '../core/limits.ts';
import { SECOND_MS } from '../core/time.ts';
import type { ProviderSettings } from './provider-settings.ts';

export interface ToleranceConfig {
  /** Seconds that the signed timestamp may differ from our clock, either way. @default 300 */
  readonly toleranceSeconds?: number;
}

export const toleranceSeconds = z
  .int()
  .min(1)
  .max(3600)
  .default(LIMITS.signatureToleranceMs / SECOND_MS);
const schema = z.strictObject({ toleranceSeconds });

export type ToleranceSettings = z.output<typeof schema>;

export const toleranceSettings: ProviderSettings<ToleranceSettings, ToleranceSettings> = {
  schema,
  settingsOf: ({ file }) => file,
  ofSaved: (settings, saved) => ({ toleranceSeconds: saved.toleranceSeconds ?? settings.toleranceSeconds }),
};

// Does not compile when the schema refuses what the documented type allows.
void ((config: ToleranceConfig): z.input<typeof schema> => config);
