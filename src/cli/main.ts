/** The command line: `bin/payhook`. Reads the arguments, runs one command, ends with its exit code. */
import { processContext } from './command-context.ts';
import { runProgram } from './program.ts';
import { reportFailure } from './report-failure.ts';

// Whatever a command makes is its owner's alone: databases, keys, anchors.
process.umask(0o077);

try {
  process.exitCode = await runProgram(process.argv.slice(2), processContext());
} catch (error) {
  process.exitCode = reportFailure(error);
}
