/** `payhook synth|deploy|destroy`: the stack of the configuration and handlers in this folder. */
import { spawnSync } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CommandContext } from './command-context.ts';
import { problemOfPeers } from './peers.ts';
import type { ExitCode } from './report-failure.ts';

/** Loads CDK, which a command line must not carry; a process of its own, as CDK's command line is. */
const ENTRY = fileURLToPath(new URL(`../../infra/deploy${extname(import.meta.url)}`, import.meta.url));

/** Ends as it does: 0 done, 1 AWS or the machine does not let us, 2 wrong usage or configuration. */
export const runDeployment = ({ cwd, env }: CommandContext, args: readonly string[]): ExitCode => {
  const problem = problemOfPeers();
  if (problem !== undefined) throw problem;
  const { status } = spawnSync(process.execPath, [...process.execArgv, ENTRY, ...args], { cwd, env, stdio: 'inherit' });
  return status === 0 || status === 2 ? status : 1;
};
