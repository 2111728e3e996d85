/**
 * What the machine itself has to bring before the tools can be installed and run, and which Debian package brings it.
 */
import { spawnSync } from 'node:child_process';

interface RequiredCommand {
  /** As a person would say it, in a list. */
  readonly what: string;
  readonly debianPackage: string;
  /** Whether it is here, in a version that will do. */
  readonly isThere: () => boolean;
}

const CHECK_MS_MAX = 30_000;
const JAVA_MAJOR_MIN = 17;
const PYTHON_MINOR_MIN = 10;

/** What the command prints, or null when it is missing or fails. */
const outputOf = (command: string, args: readonly string[]): string | null => {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: CHECK_MS_MAX });
  return status === 0 ? `${stdout}${stderr}` : null;
};

const answersVersion = (command: string): (() => boolean) => {
  return () => outputOf(command, ['--version']) !== null;
};

const hasJava = (): boolean => {
  const major = outputOf('java', ['-version'])?.match(/version "(\d+)/)?.[1];
  return major !== undefined && Number(major) >= JAVA_MAJOR_MIN;
};

const hasPython = (): boolean => {
  const program = `import sys, venv, ensurepip; sys.exit(0 if sys.version_info >= (3, ${PYTHON_MINOR_MIN}) else 1)`;
  return outputOf('python3', ['-c', program]) !== null;
};

const REQUIRED: readonly RequiredCommand[] = [
  { what: `Python 3.${PYTHON_MINOR_MIN} or newer with venv`, debianPackage: 'python3-venv', isThere: hasPython },
  { what: `Java ${JAVA_MAJOR_MIN} or newer`, debianPackage: 'default-jre-headless', isThere: hasJava },
  { what: 'cmake', debianPackage: 'cmake', isThere: answersVersion('cmake') },
  { what: 'g++', debianPackage: 'g++', isThere: answersVersion('g++') },
  { what: 'make', debianPackage: 'make', isThere: answersVersion('make') },
  { what: 'unzip', debianPackage: 'unzip', isThere: () => outputOf('unzip', ['-v']) !== null },
  { what: 'xz', debianPackage: 'xz-utils', isThere: answersVersion('xz') },
  { what: 'setpriv and unshare', debianPackage: 'util-linux', isThere: answersVersion('setpriv') },
  { what: 'ip', debianPackage: 'iproute2', isThere: () => outputOf('ip', ['-V']) !== null },
];

/** What is missing: the words for a person and the packages that bring it; empty lists when nothing is. */
export const missingCommands = (): { readonly what: readonly string[]; readonly debianPackages: readonly string[] } => {
  const missing = REQUIRED.filter(({ isThere }) => !isThere());
  return { what: missing.map(({ what }) => what), debianPackages: missing.map((entry) => entry.debianPackage) };
};
