/** `payhook activity`: what came over time, what became of it by now, and who is silent. */
import type { Mode } from '../core/webhook.ts';
import { ACTIVITY_WINDOWS, type ActivityWindow } from '../operate/activity-window.ts';
import { type ActivityBucket, activityJson, bucketJson, createCountActivity } from '../operate/count-activity.ts';
import { describeSilences } from '../operate/watch-silence.ts';
import { timeText } from '../operate/webhook-json.ts';
import { type CommandContext, loadSettings, withHome } from './command-context.ts';
import { formatOf, type PrintOptions, printList, type Shown } from './print-list.ts';
import type { ExitCode } from './report-failure.ts';

export interface ActivityOptions extends PrintOptions {
  readonly window: ActivityWindow;
  readonly mode?: Mode;
}

const SHOWN: Shown<ActivityBucket> = {
  header: ['FROM', 'RECEIVED', 'PROCESSED', 'FAILED', 'WAITING'],
  row: ({ from, received, processed, failed, waiting }) => [
    timeText(from),
    ...[received, processed, failed, waiting].map(String),
  ],
  json: bucketJson,
};

/** In a configuration of one mode only webhooks of that mode are counted. */
export const showActivity = async (context: CommandContext, options: ActivityOptions): Promise<ExitCode> => {
  const { config } = await loadSettings(context);
  const mode = options.mode ?? config.mode ?? undefined;
  return withHome<ExitCode>(context, async (home) => {
    const activity = await createCountActivity(home)(ACTIVITY_WINDOWS[options.window], mode);
    const silent = await describeSilences(home.silence);
    const { buckets: _, ...rest } = activityJson(activity);
    const format = formatOf(options);
    // For a person only those in which something came; a program gets every step.
    const shown = format === 'table' ? activity.buckets.filter(({ received }) => received > 0) : activity.buckets;
    printList(context, shown, SHOWN, options, `nothing came in ${options.window}`);
    if (format === 'json') {
      context.print(JSON.stringify({ ...rest, silent }));
      return 0;
    }
    if (activity.isShortened) {
      context.warn(`more came than are counted here: these are the newest, back to ${rest.since}`);
    }
    for (const sentence of silent) context.warn(sentence);
    return 0;
  });
};
