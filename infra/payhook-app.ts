/** The CDK app around the stack: the same flags and the same template, whoever synthesises it and wherever. */
import { App } from 'aws-cdk-lib';
import recommendedFlags from 'aws-cdk-lib/recommended-feature-flags.json' with { type: 'json' };
import type { PreparedPayhook } from './payhook-props.ts';
import { PayhookStack } from './payhook-stack.ts';

/**
 * The flags stand here and not in `cdk.json`, because only the CDK's command line reads that file. They come with the
 * pinned version of the library, so that they change with it and never by themselves.
 * @param outdir @default `CDK_OUTDIR`, or a temporary folder
 */
export const createApp = (outdir?: string): App =>
  new App({
    context: recommendedFlags,
    // Would add a resource of CDK's own, for its makers' statistics.
    analyticsReporting: false,
    // What was refused must not leave an empty assembly behind when the process ends.
    autoSynth: false,
    // The command line would add these to the template.
    postCliContext: { 'aws:cdk:enable-path-metadata': false, 'aws:cdk:enable-asset-metadata': false },
    ...(outdir === undefined ? {} : { outdir }),
  });

export const addPayhook = (app: App, props: PreparedPayhook): PayhookStack => {
  const stack = new PayhookStack(app, props);
  stack.payhook.acknowledgeFindings();
  return stack;
};
