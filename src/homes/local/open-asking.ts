/** What processing asks of providers' APIs, with the credentials in the server's environment. */
import { createCallApi } from '../../adapters/http/call-api.ts';
import { adviceForCredential } from '../../config/asked-apis.ts';
import { eventSourcesOf } from '../../config/event-sources.ts';
import type { Settings } from '../../config/load-config.ts';
import { LIMITS } from '../../core/limits.ts';
import { createAskPresent } from '../../reconcile/ask-present.ts';
import { type ConfirmEventDeps, createConfirmEvent } from '../../reconcile/confirm-event.ts';
import { createFetchThinEvent } from '../../reconcile/fetch-thin-event.ts';

type Given = 'providers' | 'mapping' | 'alerts' | 'clock' | 'randomness';

export interface OpenAskingInput extends Pick<ConfirmEventDeps, Given> {
  readonly settings: Settings;
  /** Aborted when the home stops. */
  readonly stopping: AbortController;
}

/** Each undefined where the configuration does not ask for it. */
export const openAsking = (input: OpenAskingInput) => {
  const { settings, clock, stopping } = input;
  const call = createCallApi({ clock, stopping: stopping.signal, msMax: LIMITS.confirmCallMsMax });
  const sources = eventSourcesOf(settings, { call, clock });
  const deps = {
    ...input,
    ...settings.askedApis,
    sourcesOf: async (name: string) => sources.filter(({ provider }) => provider === name),
    adviceFor: (name: string) => adviceForCredential(name, 'local'),
  };
  return {
    confirm: createConfirmEvent(deps),
    fetchData: createFetchThinEvent(deps),
    askPresent: createAskPresent(deps),
  };
};
