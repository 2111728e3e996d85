import { describe, expect, test } from 'vitest';
import { isTracedByCaller } from './api-gateway-delivery.ts';

const ROOT = 'Root=1-5759e988-bd862e3fe1be46a994272793';

describe('a request is traced because its caller says so', () => {
  test.each([
    [
      'when its trace header came with a decision',
      { 'X-Amzn-Trace-Id': `${ROOT};Parent=53995c3f42cd8ad8;Sampled=1` },
      true,
    ],
    ['in whatever case its name and field are', { 'x-amzn-trace-id': `sampled=1;${ROOT}` }, true],
    ['also when the decision was not to', { 'X-Amzn-Trace-Id': `${ROOT};Sampled=0` }, true],
    ['not when API Gateway added the header, with a root alone', { 'X-Amzn-Trace-Id': ROOT }, false],
    ['not when another field ends like it', { 'X-Amzn-Trace-Id': `${ROOT};NotSampled=1` }, false],
    ['not when there is no such header', { 'Content-Type': 'application/json' }, false],
  ])('%s', (_, headers, isCallers) => {
    expect(isTracedByCaller({ headers })).toBe(isCallers);
  });
});
