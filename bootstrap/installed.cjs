// Whether node_modules holds what package-lock.json says. Compares contents and never times, which a clone, a copy and a
// checkout of another branch change. npm writes down what it installed in node_modules/.package-lock.json.
'use strict';
const { existsSync, readFileSync } = require('node:fs');
const { join } = require('node:path');

const readPackages = (path) => {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages;
  } catch {
    // Not there, or cut off: nothing that could be relied on is installed.
    return undefined;
  }
};

const isForThisMachine = ({ os, cpu }) =>
  (os === undefined || os.includes(process.platform)) && (cpu === undefined || cpu.includes(process.arch));

/** npm leaves out optional packages that it cannot get, without a word. Only the runtime among them is one that we need. */
const isNeeded = (one, path, runtimes) =>
  one.optional !== true || (path.slice('node_modules/'.length) in runtimes && isForThisMachine(one));

/**
 * Null when everything is there as the lockfile has it. Else what is not: `isMissing` when a package is not there at all,
 * so that nothing can run; other versions may well run.
 */
const problemOfInstallation = (root, { withTools }) => {
  const wanted = readPackages(join(root, 'package-lock.json'));
  if (wanted === undefined) return { isMissing: true, what: 'package-lock.json cannot be read' };
  const installed = readPackages(join(root, 'node_modules', '.package-lock.json'));
  if (installed === undefined) return { isMissing: true, what: 'node_modules is missing or half of it' };
  const runtimes = wanted['']?.optionalDependencies ?? {};
  let other = null;
  for (const [path, one] of Object.entries(wanted)) {
    if (path === '' || ((one.dev || one.devOptional) && !withTools)) continue;
    const found = installed[path];
    if (found === undefined && !isNeeded(one, path, runtimes)) continue;
    if (found === undefined || !existsSync(join(root, path))) return { isMissing: true, what: `${path} is missing` };
    if (found.version !== one.version || (found.integrity ?? one.integrity) !== one.integrity) {
      other ??= { isMissing: false, what: `${path} is ${found.version}, the lockfile says ${one.version}` };
    }
  }
  return other;
};

/** Whether what tests, checks and the AWS home need is there too: hundreds of megabytes that a server does not need. */
const hasTools = (root) => existsSync(join(root, 'node_modules', 'vitest', 'package.json'));

module.exports = { hasTools, problemOfInstallation };
