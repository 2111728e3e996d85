/** What the configuration says about Square: the URL that it signs. */
import { z } from 'zod';
import type { ProviderSettings } from '../provider-settings.ts';

export interface SquareConfig {
  /**
   * The notification URL exactly as registered with Square: it is part of what Square signs. The environment's
   * `PAYHOOK_SQUARE_NOTIFICATION_URL` wins. @default the URL that a delivery comes to, as far as the home knows it
   */
  readonly notificationUrl?: string;
  /**
   * Ask Square’s API for the present state where an event names no payment, or the events of a payment contradict each other. What it
   * says attributes the event and is kept with the webhook; no amount changes by it. Needs `PAYHOOK_SQUARE_API_CREDENTIALS`, on AWS
   * the secret `square-api`, with the right to read such objects. @default false
   */
  readonly isPresentStateAsked?: boolean;
}

export interface SquareSettings {
  /** Byte for byte as registered; null when it is not configured. */
  readonly notificationUrl: string | null;
  /** @default false */
  readonly isPresentStateAsked?: boolean;
}

const schema = z.strictObject({
  notificationUrl: z.url({ protocol: /^https?$/ }).optional(),
  isPresentStateAsked: z.boolean().default(false),
});

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
    return { notificationUrl, isPresentStateAsked: file.isPresentStateAsked };
  },
};

// Does not compile when the schema refuses what the documented type allows.
void ((config: SquareConfig): z.input<typeof schema> => config);
