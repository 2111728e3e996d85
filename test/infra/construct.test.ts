/** What the construct says about what it is given, before anything is made. */
import { App, Stack } from 'aws-cdk-lib';
import { describe, expect, test } from 'vitest';
import { Payhook } from '../../infra/payhook.ts';
import type { PayhookProps } from '../../infra/payhook-props.ts';

const make =
  (props: PayhookProps, region = 'us-east-1') =>
  () =>
    new Payhook(new Stack(new App(), 'Shop', { env: { region } }), 'Payhook', props);

describe('new Payhook', () => {
  test.each<[string, PayhookProps, RegExp]>([
    ['a suffix that cannot be in names', { environmentSuffix: 'Shop' }, /environment suffix "Shop" cannot be part/],
    ['a setting that there is not', { environmentSuffix: 'shop', config: { mdoe: 'test' } as object }, /mdoe/],
    ['handlers that are not there', { environmentSuffix: 'shop', handlers: './nowhere.ts' }, /nowhere\.ts/],
    ['real payments and nobody who is told', { environmentSuffix: 'shop', config: { mode: 'live' } }, /alarmEmails/],
  ])('throws one report over %s', (_, props, problem) => {
    expect(make(props)).toThrow(problem);
  });

  test('refuses a stack of another region', () => {
    expect(make({ environmentSuffix: 'shop' }, 'eu-west-1')).toThrow(
      'aws.region is us-east-1, and the stack is in eu-west-1: give both the same',
    );
  });
});
