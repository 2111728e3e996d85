/** What the configuration says about Square: the URL that it signs. */
import { z } from 'zod';
import type { ProviderSettings } from '../provider-settings.ts';

export interface SquareConfig {
  /**
   * The notification URL exactly as registered with Square: it is part of what Square signs. The environment's
   * `PAYHOOK_SQUARE_NOTIFICATION_URL` wins. @default the URL that a delivery comes to, as far as the home knows it
   */
  readonly notificationUrl?: string;
}

export interface SquareSettings {
  /** Byte for byte as registered; null when it is not configured. */
  readonly notificationUrl: string | null;
}

const schema = z.strictObject({ notificationUrl: z.url({ protocol: /^https?$/ }).optional() });

const VARIABLE = 'PAYHOOK_SQUARE_NOTIFICATION_URL';
const variables = { [VARIABLE]: z.url({ protocol: /^https?$/, error: 'a full http(s) URL' }) };

export const squareSettings: ProviderSettings<SquareSettings, z.output<typeof schema>> = {
  schema,
  variables,
  settingsOf: ({ file, variables: { [VARIABLE]: variable }, hasSecrets, report }) => {
    const notificationUrl = typeof variable === 'string' ? variable : (file.notificationUrl ?? null);
    // With a key of Square's own the deliveries are Square's, and come through whatever stands before the home.
    if (notificationUrl === null && hasSecrets) {
      report({
        variable: VARIABLE,
        found: 'not set, though PAYHOOK_SQUARE_SIGNATURE_KEYS is',
        expected: 'the notification URL exactly as registered with Square: it is part of what Square signs',
      });
    }
    return { notificationUrl };
  },
};

// Does not compile when the schema refuses what the documented type allows.
void ((config: SquareConfig): z.input<typeof schema> => config);
