import { expect, test } from 'vitest';
import { problemOfPeers } from './peers.ts';

const CHECKOUT = { devDependencies: { 'aws-cdk-lib': '2.0.0' } };
const PACKAGE = { peerDependencies: { 'aws-cdk-lib': '^2.0.0', constructs: '^10.0.0', typescript: '>=5.9' } };

test('a checkout that npm start has installed says which commands install the rest', () => {
  const problem = problemOfPeers(CHECKOUT, () => false);

  expect(problem?.code).toBe('usage_wrong');
  expect(problem?.message).toMatch(/npm start leaves out: npm run synth, npm run deploy/);
  expect(problemOfPeers(CHECKOUT, () => true)).toBeUndefined();
});

test('a package says what to install, and leaves alone what a team checks its own files with', () => {
  const problem = problemOfPeers(PACKAGE, (name) => name === 'constructs');

  expect(problem?.message).toMatch(/npm install --save-dev aws-cdk-lib@\^2\.0\.0$/);
  expect(problemOfPeers(PACKAGE, (name) => name !== 'typescript')).toBeUndefined();
});
