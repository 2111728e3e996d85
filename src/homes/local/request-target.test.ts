import { expect, test } from 'vitest';
import { readTarget } from './request-target.ts';

test.each([
  ['/webhook/stripe', '/webhook/stripe', ''],
  ['/webhook/stripe?a=1&b=?', '/webhook/stripe', 'a=1&b=?'],
  ['/?', '/', ''],
  ['//webhook/stripe', '//webhook/stripe', ''],
  ['http://a.example/webhook/stripe', '/webhook/stripe', ''],
  ['HTTPS://a.example:443/webhook/stripe?a', '/webhook/stripe', 'a'],
  ['http://[::1]:80/x', '/x', ''],
  ['http://a.example', '/', ''],
  ['http://a.example?q=/webhook/stripe', '/', 'q=/webhook/stripe'],
  ['http:///webhook/stripe', 'http:///webhook/stripe', ''],
  ['ftp://a.example/x', 'ftp://a.example/x', ''],
  ['*', '*', ''],
  ['', '/', ''],
])('the target %j asks for the path %j with the query %j', (target, path, query) => {
  expect(readTarget(target)).toEqual({ path, query });
});
