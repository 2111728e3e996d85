/** `payhook reconcile enable`: has a provider list its events that does not do so by itself. */
import { PayhookError } from '../core/errors.ts';
import type { Refusal } from '../core/ports/provider-events.ts';
import { type CommandContext, loadSettings } from './command-context.ts';
import { sourcesOf } from './reconcile-sources.ts';
import type { ExitCode } from './report-failure.ts';

/** Once for each credential; to do so again changes nothing. Exit 1 when a provider refuses one. */
export const reconcileEnable = async (context: CommandContext, provider: string): Promise<ExitCode> => {
  const settings = await loadSettings(context);
  const sources = sourcesOf(settings, context, provider);
  let exitCode: ExitCode = 0;
  for (const { id, events } of sources) {
    if (events.enable === undefined) {
      throw new PayhookError('usage_wrong', `${provider} lists its events by itself: there is nothing to enable`);
    }
    const enabled = await events.enable();
    if (enabled.outcome !== 'enabled') exitCode = 1;
    context.print(`${id}: ${enabled.outcome === 'enabled' ? 'lists what happens from now on' : refusalText(enabled)}`);
  }
  return exitCode;
};

const refusalText = (refusal: Refusal): string => {
  switch (refusal.outcome) {
    case 'rate_limited':
      return 'the provider wants us to wait: run it again in a minute';
    case 'credential_refused':
      return `the provider refuses the credential (${refusal.reason}): it is wrong, expired, or may not do this`;
    case 'unavailable':
      return `the provider could not be asked (${refusal.reason}): run it again`;
    default:
      return refusal satisfies never;
  }
};
