/** The command line: `bin/payhook`. Reads the arguments, runs one command, ends with its exit code. */
import { processContext } from './command-context.ts';
import { runProgram } from './program.ts';
import { reportFailure } from './report-failure.ts';

// Whatever a command makes is its owner's alone: databases, keys, anchors.
process.umask(0o077);

// Whoever reads a list through a pipe may stop at any line (`| head`); a server goes on when nobody reads its log.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: Error & { code?: string }) => {
    if (error.code !== 'EPIPE') throw error;
    if (!['serve', 'dev'].includes(process.argv[2] ?? '')) process.exit();
  });
}

try {
  process.exitCode = await runProgram(process.argv.slice(2), processContext());
} catch (error) {
  process.exitCode = reportFailure(error);
}
