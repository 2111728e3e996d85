/**
 * Everything that Payhook is made from, checked and built while a construct waits for it. CDK makes constructs in one go,
 * while configuration and functions are loaded and built asynchronously: a process of its own does that.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startedModule } from '../../src/core/started-module.ts';
import type { PayhookProps, PreparedPayhook } from '../payhook-props.ts';
import type { PrepareRequest } from './prepare-process.ts';
import type { Prepared } from './prepare-stack.ts';

const ENTRY = fileURLToPath(startedModule('prepare-process', import.meta.url));
/** Its answer is a configuration and some paths. */
const ANSWER_BYTES_MAX = 10_000_000;

/** Throws one report of everything that is wrong. What is built lasts as long as this process: CDK copies it. */
export const prepareNow = ({ environmentSuffix, config = {}, handlers }: PayhookProps): PreparedPayhook => {
  const buildDirectory = mkdtempSync(join(tmpdir(), 'payhook-functions-'));
  process.once('exit', () => rmSync(buildDirectory, { recursive: true, force: true }));
  const request: PrepareRequest = {
    environmentSuffix,
    config: handlers === undefined ? config : { ...config, handlers: resolve(handlers) },
    cwd: process.cwd(),
    buildDirectory,
  };
  const { status, stdout, stderr, error } = spawnSync(process.execPath, [...process.execArgv, ENTRY], {
    input: JSON.stringify(request),
    encoding: 'utf8',
    maxBuffer: ANSWER_BYTES_MAX,
  });
  if (status !== 0) throw new Error(`the functions cannot be built: ${error?.message ?? stderr}`, { cause: error });
  const prepared: Prepared = JSON.parse(stdout);
  if (prepared.outcome === 'refused') throw new Error(prepared.message);
  return prepared.props;
};
