#!/usr/bin/env node
// The command line of the package, on the Node that is there. Written so that old versions of Node can read it.
'use strict';
const { join } = require('node:path');
const { nodeEnvironment, startNode } = require('../bootstrap/start-node.cjs');

const fail = (message) => {
  process.stderr.write(`payhook: ${message}\n`);
  process.exit(2);
};

const [major, minor] = process.versions.node.split('.').map(Number);
/** By major version: the first minor one that will do. */
const FIRST_MINOR = { 22: 20, 24: 7 };
if (major < 22 || major === 23 || minor < (FIRST_MINOR[major] ?? 0)) {
  fail(`Node 22.20 or newer of 22, or 24.7 or newer is needed, and this is ${process.version}`);
}

const root = join(__dirname, '..');
// Node 22 warns of what it calls experimental there, which are its database and TypeScript.
const flags = ['--disable-warning=ExperimentalWarning'];
startNode(process.execPath, [...flags, join(root, 'src', 'cli', 'main.js'), ...process.argv.slice(2)], {
  environment: nodeEnvironment(join(root, '..', '.cache', 'payhook')),
  onError: (error) => fail(`Node cannot be started: ${error.message}`),
});
