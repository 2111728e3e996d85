import { describe, expect, test } from 'vitest';
import { LIMITS } from '../core/limits.ts';
import { type RequestFacts, refusalOf } from './edge-rules.ts';

const FINE: RequestFacts = {
  method: 'POST',
  pathProvider: 'stripe',
  isProviderConfigured: true,
  headersCount: 12,
  hostsCount: 1,
  contentType: 'application/json',
  expectation: undefined,
};

describe('the edge', () => {
  test('reads the body of a request with which nothing is wrong', () => {
    expect(refusalOf(FINE)).toBeUndefined();
  });

  test.each<[string, Partial<RequestFacts>, string]>([
    ['another path', { pathProvider: undefined }, 'provider_unknown'],
    ['a provider that is not configured', { isProviderConfigured: false }, 'provider_unknown'],
    ['no name', { pathProvider: '' }, 'path_not_understood'],
    ['a name in capitals', { pathProvider: 'Stripe' }, 'path_not_understood'],
    ['a name that begins with a digit', { pathProvider: '1stripe' }, 'path_not_understood'],
    ['a name with a path behind it', { pathProvider: 'stripe/live' }, 'path_not_understood'],
    ['a name with a line behind it', { pathProvider: 'stripe\n' }, 'path_not_understood'],
    ['a name of 41 characters', { pathProvider: 'a'.repeat(41) }, 'path_not_understood'],
    ['GET', { method: 'GET' }, 'method_not_allowed'],
    ['a method in small letters', { method: 'post' }, 'method_not_allowed'],
    ['one header too many', { headersCount: LIMITS.headersCountMax + 1 }, 'headers_too_large'],
    ['a form', { contentType: 'application/x-www-form-urlencoded' }, 'content_type_not_supported'],
    ['two Host headers: two readers could take them for two hosts', { hostsCount: 2 }, 'request_malformed'],
    ['no Host header', { hostsCount: 0 }, 'request_malformed'],
    ['an expectation that there is not', { expectation: 'banana' }, 'expectation_not_supported'],
    ['two expectations', { expectation: '100-continue, banana' }, 'expectation_not_supported'],
    ['a type that only begins like JSON', { contentType: 'application/jsonx' }, 'content_type_not_supported'],
    ['JSON of another main type', { contentType: 'text/json' }, 'content_type_not_supported'],
  ])('refuses %s', (_what, wrong, reason) => {
    expect(refusalOf({ ...FINE, ...wrong })).toBe(reason);
  });

  test.each([
    'application/json; charset=utf-8',
    'application/json ;charset=utf-8',
    'Application/JSON',
    'application/vnd.acme.event+json',
    'application/cloudevents+json; charset=utf-8',
  ])('takes %s for JSON', (contentType) => {
    expect(refusalOf({ ...FINE, contentType })).toBeUndefined();
  });

  test.each<[string, Partial<RequestFacts>]>([
    ['as many headers as are allowed', { headersCount: LIMITS.headersCountMax }],
    ['no content type: some providers leave it out', { contentType: undefined }],
    ['an empty content type, which is as good as none', { contentType: '' }],
    ['a content type of spaces', { contentType: '  ' }],
    ['an expectation to be told to go on', { expectation: '100-Continue' }],
    ['a name of 40 characters, with digits and hyphens', { pathProvider: `a-1${'b'.repeat(37)}` }],
  ])('takes a request with %s', (_what, facts) => {
    expect(refusalOf({ ...FINE, ...facts })).toBeUndefined();
  });

  test('tells first whether the host is clear, then whether the path is ours, then whether it is a name, and the method before the provider', () => {
    const allWrong = {
      ...FINE,
      method: 'GET',
      isProviderConfigured: false,
      headersCount: 1e9,
      contentType: 'text/plain',
    };

    expect(refusalOf({ ...allWrong, hostsCount: 2, pathProvider: undefined })).toBe('request_malformed');
    expect(refusalOf({ ...allWrong, pathProvider: undefined })).toBe('provider_unknown');
    expect(refusalOf({ ...allWrong, pathProvider: '%' })).toBe('path_not_understood');
    expect(refusalOf({ ...allWrong, pathProvider: 'stripe' })).toBe('method_not_allowed');
    expect(refusalOf({ ...allWrong, pathProvider: 'stripe', method: 'POST' })).toBe('provider_unknown');
  });
});
