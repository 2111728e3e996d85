/** `payhook config`: the configuration as it takes effect, without any secret. */
import { shownConfig } from '../config/shown-config.ts';
import { type CommandContext, loadSettings } from './command-context.ts';
import type { ExitCode } from './report-failure.ts';

/** Also the quickest way to check a configuration: prints all problems and ends with 2 when there are any. */
export const showConfig = async (context: CommandContext, options: { readonly json?: boolean }): Promise<ExitCode> => {
  const settings = await loadSettings(context);
  for (const warning of settings.warnings) context.warn(`payhook: ${warning}`);
  for (const line of JSON.stringify(shownConfig(settings), null, options.json === true ? 0 : 2).split('\n'))
    context.print(line);
  return 0;
};
