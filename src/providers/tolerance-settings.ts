/** The setting of providers that sign a timestamp. */
import { z } from 'zod';
import { LIMITS } from '../core/limits.ts';
import { SECOND_MS } from '../core/time.ts';
import type { SavedFacts } from './provider-settings.ts';

export const toleranceSeconds = z
  .int()
  .min(1)
  .max(3600)
  .default(LIMITS.signatureToleranceMs / SECOND_MS);

export const ofSavedTolerance = <Settings extends { readonly toleranceSeconds: number }>(
  settings: Settings,
  saved: SavedFacts,
): Settings => ({ ...settings, toleranceSeconds: saved.toleranceSeconds ?? settings.toleranceSeconds });
