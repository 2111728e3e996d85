/** What Payhook on AWS is made from. */
import type { PayhookConfig } from '../src/config/define-config.ts';
import type { FunctionRole } from '../src/config/function-environment.ts';
import type { CompleteConfig } from '../src/config/schema.ts';
import type { KnownProvider } from '../src/providers/providers.ts';
import type { PeakPlan } from './peak/plan-peak.ts';

/** Folders that `npm run build:functions` has made: of each function, and the layer, which becomes `/opt`. */
export type PayhookAssets = Readonly<Record<FunctionRole | 'layer', string>>;

export interface PayhookProps {
  /** Ends every name, so that several can live in one account: 1 to 16 lower-case letters, digits and single hyphens. */
  readonly environmentSuffix: string;
  /** As `payhook.config.ts` exports it. @default every setting's default */
  readonly config?: PayhookConfig;
  /** Path of the module with your handlers, relative to the working directory. @default what `config.handlers` says */
  readonly handlers?: string;
}

/** With everything checked and built already. */
export interface PreparedPayhook {
  /** Checked by the caller. */
  readonly environmentSuffix: string;
  readonly config: Pick<CompleteConfig, 'aws' | 'edge' | 'providers' | 'destinations' | 'reconcile'>;
  readonly assets: PayhookAssets;
  /** Nothing is protected from deletion yet, so that a creation that fails leaves nothing behind. @default false */
  readonly isFirstDeployment?: boolean;
  /** That the configuration has room for. @default none */
  readonly peak?: PeakPlan | undefined;
  /** @default all that Payhook knows */
  readonly knownProviders?: readonly KnownProvider[];
}
