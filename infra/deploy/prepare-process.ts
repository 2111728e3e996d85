/** Entry of the process in which `prepareNow` checks and builds: a request on standard input, the answer on standard output. */
import { text } from 'node:stream/consumers';
import { systemClock } from '../../src/adapters/system/system-clock.ts';
import type { PayhookConfig } from '../../src/config/define-config.ts';
import { describeProblems } from '../../src/config/load-config.ts';
import { buildFunctions } from './build-functions.ts';
import { type Prepared, prepareStack } from './prepare-stack.ts';

export interface PrepareRequest {
  readonly environmentSuffix: string;
  readonly config: PayhookConfig;
  readonly cwd: string;
  readonly buildDirectory: string;
}

const prepare = async (request: PrepareRequest): Promise<Prepared> => {
  const built = await buildFunctions({ ...request, env: {}, outDirectory: request.buildDirectory });
  if (built.outcome === 'invalid') return { outcome: 'refused', message: describeProblems(built.problems) };
  return prepareStack({ ...request, env: {}, now: systemClock.now() });
};

const request: PrepareRequest = JSON.parse(await text(process.stdin));
process.stdout.write(JSON.stringify(await prepare(request)));
