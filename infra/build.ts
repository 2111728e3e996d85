/** `npm run build:functions`: makes `build/payhook` and says how large everything became. */
import { join } from 'node:path';
import { describeProblems } from '../src/config/load-config.ts';
import { buildFunctions } from './deploy/build-functions.ts';
import { FUNCTIONS_DIRECTORY } from './deploy/functions-directory.ts';

const result = await buildFunctions({
  // The composition root of the build: the one place here that reads the environment.
  // biome-ignore lint/style/noProcessEnv: read once, handed on.
  env: process.env,
  cwd: process.cwd(),
  outDirectory: join(process.cwd(), FUNCTIONS_DIRECTORY),
});
if (result.outcome === 'invalid') {
  process.stderr.write(`payhook: ${describeProblems(result.problems)}\n`);
  process.exitCode = 2;
} else {
  const { bundleBytes, layerBytes } = result.built;
  for (const [name, bytes] of Object.entries({ ...bundleBytes, 'shared layer': layerBytes })) {
    process.stdout.write(`${name.padEnd(20)} ${(bytes / 1024).toFixed(0).padStart(5)} KB\n`);
  }
}
