/** The command line: `bin/payhook`. Reads the arguments, runs one command, ends with its exit code. */
import { createProgram } from './program.ts';
import { reportFailure } from './report-failure.ts';

// Whatever a command makes is its owner's alone: databases, keys, anchors.
process.umask(0o077);

try {
  process.exitCode = await createProgram().run(process.argv.slice(2));
} catch (error) {
  process.exitCode = reportFailure(error);
}
