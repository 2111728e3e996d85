import { describe, expect, test } from 'vitest';
import type { RegisteredEndpoint } from '../../core/ports/provider-endpoints.ts';
import { driftsOf, type EndpointWanted, isVersionNewer } from './endpoint-drift.ts';

const WANTED: EndpointWanted = {
  provider: 'acme',
  url: null,
  eventTypes: ['a.created', 'a.updated'],
  mappedAsOf: '2026-10',
};

const endpoint = (more: Partial<RegisteredEndpoint> = {}): RegisteredEndpoint => ({
  id: 'we_1',
  url: 'https://hooks.shop.example/webhook/acme',
  isEnabled: true,
  eventTypes: ['a.created', 'a.updated', 'z.other'],
  apiVersion: '2026-10-28.endive',
  ...more,
});

const kinds = (registered: readonly RegisteredEndpoint[], wanted: Partial<EndpointWanted> = {}): readonly string[] =>
  driftsOf({ ...WANTED, ...wanted }, registered).map(({ drift }) => drift);

describe('an endpoint', () => {
  test('is as it should be when it is enabled and gets every type that is mapped', () => {
    expect(kinds([endpoint()])).toEqual([]);
    expect(kinds([endpoint({ eventTypes: ['*'] })])).toEqual([]);
  });

  test('is ours by how its URL ends, with a stage before it too, or by the URL that is set', () => {
    expect(kinds([endpoint({ url: 'https://x.execute-api.eu-west-1.amazonaws.com/live/webhook/acme' })])).toEqual([]);
    expect(kinds([endpoint({ url: 'https://hooks.shop.example/webhook/acme2' })])).toEqual(['not_registered']);
    expect(kinds([endpoint({ url: 'no url' })])).toEqual(['not_registered']);
    expect(kinds([endpoint()], { url: 'https://hooks.shop.example/other' })).toEqual(['not_registered']);
    expect(kinds([endpoint({ url: 'https://h.example/o' })], { url: 'https://h.example/o' })).toEqual([]);
  });

  test('that is disabled hears nothing, and is of no account beside one that is not', () => {
    const disabled = endpoint({ id: 'we_0', isEnabled: false });

    expect(driftsOf(WANTED, [disabled])).toEqual([{ drift: 'disabled', endpoint: disabled }]);
    expect(kinds([disabled, endpoint()])).toEqual([]);
  });

  test('of which there are two brings each event twice', () => {
    expect(kinds([endpoint(), endpoint({ id: 'we_2' })])).toEqual(['registered_twice']);
  });

  test('names the types that are mapped and not sent to it', () => {
    const one = endpoint({ eventTypes: ['a.updated'] });

    expect(driftsOf(WANTED, [one])).toEqual([{ drift: 'types_missing', endpoint: one, eventTypes: ['a.created'] }]);
  });

  test('of a newer API version than was mapped writes what may not be understood', () => {
    expect(kinds([endpoint({ apiVersion: '2026-11-01.fennel' })])).toEqual(['version_newer']);
    expect(kinds([endpoint({ apiVersion: null })])).toEqual([]);
  });
});

describe('a destination of thin events', () => {
  const thin = (more: Partial<RegisteredEndpoint> = {}) =>
    endpoint({ id: 'ed_1', isThin: true, eventTypes: ['v1.x'], apiVersion: null, ...more });

  test('beside an endpoint is as it should be, and need not have the types that are mapped', () => {
    expect(kinds([endpoint(), thin()])).toEqual([]);
  });

  test('that is disabled is told beside an endpoint that is not', () => {
    expect(kinds([endpoint(), thin({ isEnabled: false })])).toEqual(['thin_disabled']);
    expect(kinds([endpoint(), thin({ isEnabled: false }), thin({ id: 'ed_2' })])).toEqual([]);
  });

  test('alone changes no payment, and disabled hears nothing', () => {
    expect(kinds([thin()])).toEqual(['only_thin']);
    expect(kinds([thin({ isEnabled: false })])).toEqual(['disabled']);
    expect(kinds([endpoint({ isEnabled: false }), thin()])).toEqual(['disabled']);
  });
});

test.each([
  ['2026-10-28.endive', false],
  ['2026-11-01', true],
  ['2019-12-03', false],
  ['2027-01-01.x', true],
  ['v2', false],
])('an API version is newer than a month by its date: %s', (version, isNewer) => {
  expect(isVersionNewer(version, '2026-10')).toBe(isNewer);
});
