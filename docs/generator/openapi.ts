/** `docs/reference/openapi.json`: the HTTP interface as OpenAPI 3.1, with the answers that the code gives. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { payhookVersion } from '../../src/cli/version.ts';
import { LIMITS } from '../../src/core/limits.ts';
import { PROVIDERS } from '../../src/providers/providers.ts';
import { type Answer, answerOf, answerOfError, answerOfRefusal } from '../../src/receive/answer.ts';
import type { ReceiveOutcome } from '../../src/receive/receive.ts';
import type { RefusalReason } from '../../src/receive/turned-away.ts';
import { unionMembers } from './docstrings.ts';

const TURNED_AWAY = join(import.meta.dirname, '..', '..', 'src', 'receive', 'turned-away.ts');

const refusals = (): readonly Answer[] =>
  unionMembers(readFileSync(TURNED_AWAY, 'utf8'), 'RefusalReason').map(({ name }) =>
    // A rate says when its next slot is.
    answerOfRefusal(name as RefusalReason, name.includes('rate') ? 1 : undefined),
  );

const outcomes: readonly ReceiveOutcome[] = [
  { outcome: 'rejected', reason: 'signature_missing' },
  { outcome: 'too_large' } as ReceiveOutcome,
  { outcome: 'provider_unknown' },
];

const DESCRIPTIONS: Readonly<Record<Answer['httpStatus'], string>> = {
  200: 'Stored and queued, or stored before.',
  400: 'Not understandable as HTTP, too slow, or not JSON by its content type.',
  401: 'Not genuine. The log says why, the sender is not told.',
  404: 'Unknown or unconfigured provider.',
  405: 'Another method than POST.',
  413: `Body over ${LIMITS.bodyBytesMax} bytes, or over ${LIMITS.sealedBytesMax} once compressed and sealed.`,
  429: 'Too many deliveries in all or from one address, or too many connections of one address.',
  503: 'Could not be stored or verified now, or not in time; overloaded. It is welcome again.',
};

const RETRY_AFTER = {
  'Retry-After': { description: 'Seconds.', schema: { type: 'integer', minimum: 1 } },
} as const;

const json = (schema: unknown) => ({ 'application/json': { schema } });

const refusedResponses = () => {
  const answers = [...refusals(), ...outcomes.map(answerOf), answerOfError('store_unavailable')];
  const statuses = [...new Set(answers.map(({ httpStatus }) => httpStatus))].sort();
  return Object.fromEntries(
    statuses.map((status) => {
      const those = answers.filter(({ httpStatus }) => httpStatus === status);
      const codes = [...new Set(those.map(({ body }) => String(body.error)))].sort();
      // What broke in a machine of ours has codes of its own.
      const error = status === 503 ? { type: 'string', examples: codes } : { enum: codes };
      return [
        status,
        {
          description: DESCRIPTIONS[status],
          ...(those.some(({ retryAfterSeconds }) => retryAfterSeconds !== null) ? { headers: RETRY_AFTER } : {}),
          content: json({ type: 'object', required: ['error'], properties: { error } }),
        },
      ];
    }),
  );
};

const webhook = () => ({
  post: {
    summary: 'Receives one delivery of a provider.',
    description: 'The bytes are verified as they came, with the headers that the provider signs.',
    operationId: 'receiveDelivery',
    parameters: [
      {
        name: 'provider',
        in: 'path',
        required: true,
        schema: { enum: PROVIDERS.map(({ name }) => name) },
      },
    ],
    requestBody: { required: true, content: json({}) },
    responses: {
      200: {
        description: DESCRIPTIONS[200],
        content: json({
          type: 'object',
          required: ['status', 'webhookId'],
          properties: {
            status: { enum: ['accepted', 'duplicate'] },
            webhookId: { type: 'string', examples: ['stripe:evt_1bs4T2cdVCNOnSIO5K0XsXYV'] },
            webhookIds: { type: 'array', items: { type: 'string' }, description: 'Of a batch.' },
          },
        }),
      },
      ...refusedResponses(),
    },
  },
});

const probe = (operationId: string, summary: string, yes: string, no?: string) => ({
  get: {
    summary,
    operationId,
    responses: {
      200: {
        description: yes,
        content: json({
          type: 'object',
          required: ['status'],
          properties: { status: { type: 'string' }, warning: { type: 'string' } },
        }),
      },
      ...(no === undefined
        ? {}
        : {
            503: {
              description: no,
              content: json({
                type: 'object',
                required: ['status'],
                properties: { status: { enum: ['not_ready', 'stopping'] }, reason: { type: 'string' } },
              }),
            },
          }),
    },
  },
});

export const openApi = () => ({
  openapi: '3.1.0',
  info: {
    title: 'Payhook',
    version: payhookVersion(),
    description: 'Payment webhooks: received, verified, stored once, processed, audited.',
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  },
  servers: [
    { url: 'http://127.0.0.1:8080', description: 'One machine, for providers.' },
    {
      url: 'https://{id}.execute-api.us-east-1.amazonaws.com/prod',
      description: 'AWS.',
      variables: { id: { default: 'id' } },
    },
  ],
  paths: {
    '/webhook/{provider}': webhook(),
    '/health': probe('health', 'Whether the process runs. One machine only.', 'It runs.'),
    '/ready': probe(
      'ready',
      'Whether it can take deliveries. One machine only.',
      'It can.',
      'It stops, or the disk refuses writes.',
    ),
    '/metrics': {
      get: {
        summary: 'Metrics for Prometheus.',
        description: 'At an address of its own, which strangers do not reach.',
        operationId: 'metrics',
        servers: [{ url: 'http://127.0.0.1:8082' }],
        responses: { 200: { description: 'Text.', content: { 'text/plain': { schema: { type: 'string' } } } } },
      },
    },
  },
});

export const openApiPage = (): string => `${JSON.stringify(openApi(), null, 2)}\n`;
