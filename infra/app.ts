/**
 * The CDK app, as `cdk.json` starts it: `cdk synth -c environmentSuffix=dev`. Without the CDK's command line:
 * `CDK_OUTDIR=cdk.out CDK_CONTEXT_JSON='{"environmentSuffix":"dev"}' node infra/app.ts`.
 */
import { join } from 'node:path';
import { systemClock } from '../src/adapters/system/system-clock.ts';
import { FUNCTIONS_DIRECTORY } from './deploy/functions-directory.ts';
import { describePlannedPeak, prepareStack } from './deploy/prepare-stack.ts';
import { addPayhook, createApp } from './payhook-app.ts';

// The composition root of the app: the one place here that reads the environment.
// biome-ignore lint/style/noProcessEnv: read once, handed on.
const env = process.env;
const app = createApp();
const buildDirectory: unknown = app.node.tryGetContext('buildDirectory');

const prepared = await prepareStack({
  environmentSuffix: app.node.tryGetContext('environmentSuffix'),
  env,
  cwd: process.cwd(),
  now: systemClock.now(),
  // For tests, which have no time to build.
  buildDirectory: typeof buildDirectory === 'string' ? buildDirectory : join(process.cwd(), FUNCTIONS_DIRECTORY),
});
if (prepared.outcome === 'refused') {
  process.stderr.write(`payhook: ${prepared.message}\n`);
  process.exitCode = 2;
} else {
  for (const note of [...prepared.notes, ...describePlannedPeak(prepared.props)])
    process.stderr.write(`payhook: ${note}\n`);
  addPayhook(app, prepared.props);
  app.synth();
}
