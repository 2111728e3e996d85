/** Opens a home in memory for a test. */
import { describeProblems, loadConfig } from '../config/load-config.ts';
import { readHandlers } from '../handlers/read-handlers.ts';
import { composeTestHome } from './compose-test-home.ts';
import { SAMPLE_NOW } from './sample-webhook.ts';
import type { TestHome, TestHomeOptions } from './test-home.ts';

/** Throws `TypeError` when the module exports no handler, or the configuration is not valid. */
export const openTestHome = async ({ handlers, config = {}, now = SAMPLE_NOW }: TestHomeOptions): Promise<TestHome> => {
  const { handlers: _, ...given } = config;
  // As on AWS, where signing secrets are not in the environment: nothing here is signed.
  const loaded = await loadConfig({ env: {}, cwd: process.cwd(), home: 'aws', config: given });
  if (loaded.outcome === 'invalid') throw new TypeError(describeProblems(loaded.problems));
  const read = readHandlers(handlers);
  if (read.outcome === 'unusable') throw new TypeError(`the handlers module ${read.problem}`);
  return composeTestHome(read.handlers, loaded.settings, now);
};
