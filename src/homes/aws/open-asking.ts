/** What processing asks of providers' APIs, with the credentials that the reconciler has. */
import { adviceForCredential } from '../../config/asked-apis.ts';
import type { BakedSettings } from '../../config/baked-settings.ts';
import { LIMITS } from '../../core/limits.ts';
import type { PaymentMapping } from '../../payments/map-webhook.ts';
import { createAskPresent } from '../../reconcile/ask-present.ts';
import { createConfirmEvent } from '../../reconcile/confirm-event.ts';
import { createFetchThinEvent } from '../../reconcile/fetch-thin-event.ts';
import { configuredProviders } from './configured-providers.ts';
import { openApiLists } from './open-api-lists.ts';
import type { OpenedFunction } from './open-function.ts';

/** In the bundle of the processor only where the configuration asks for something. */
export const openAsking = (settings: BakedSettings, opened: OpenedFunction<'processor'>, mapping: PaymentMapping) => {
  const { environment, alerts, clock, randomness } = opened;
  const environmentSuffix = environment.PAYHOOK_ENVIRONMENT_SUFFIX;
  const lists = openApiLists({ ...opened, settings, environmentSuffix, msMax: LIMITS.confirmCallMsMax });
  const deps = {
    ...settings.askedApis,
    providers: configuredProviders(settings),
    mapping,
    sourcesOf: async (provider: string) => (await lists.find(({ name }) => name === provider)?.sources()) ?? [],
    adviceFor: (name: string) => adviceForCredential(name, 'aws'),
    alerts,
    clock,
    randomness,
  };
  return {
    confirm: createConfirmEvent(deps),
    fetchData: createFetchThinEvent(deps),
    askPresent: createAskPresent(deps),
  };
};
