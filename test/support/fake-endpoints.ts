/** The endpoints that Stripe, Square and PayPal keep, as their published references describe them. Null for another path. */

/** An endpoint of any of them. */
export interface FakeEndpoint {
  readonly id: string;
  url: string;
  isEnabled: boolean;
  eventTypes: readonly string[];
  readonly apiVersion: string;
}

export interface KeepingEndpoints {
  readonly endpoints: FakeEndpoint[];
}

interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly body: string;
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

const json = (status: number, value: unknown): Answer => ({ status, body: JSON.stringify(value) });

/** What none of them takes. */
const isRefused = ({ url, eventTypes }: Partial<FakeEndpoint>): boolean =>
  (url !== undefined && !url.startsWith('https://')) || eventTypes?.includes('no.such.type') === true;

interface Dialect {
  readonly path: string;
  readonly changeMethod: string;
  read(asked: Asked): Partial<Pick<FakeEndpoint, 'url' | 'eventTypes' | 'isEnabled'>>;
  write(endpoint: FakeEndpoint, isNew: boolean): unknown;
  list(endpoints: readonly unknown[]): unknown;
  readonly createdStatus: number;
}

const answer = (dialect: Dialect, { endpoints }: KeepingEndpoints, asked: Asked): Answer | null => {
  const { pathname } = asked.url;
  if (pathname !== dialect.path && !pathname.startsWith(`${dialect.path}/`)) return null;
  const id = pathname.slice(dialect.path.length + 1);
  if (id === '' && asked.method === 'GET')
    return json(200, dialect.list(endpoints.map((one) => dialect.write(one, false))));
  const change = dialect.read(asked);
  if (isRefused(change)) return json(400, { message: 'canary' });
  if (id === '' && asked.method === 'POST') {
    const { url = '', eventTypes = [] } = change;
    const created = {
      id: `endpoint_${endpoints.length + 1}`,
      url,
      eventTypes,
      isEnabled: true,
      apiVersion: '2026-01-22',
    };
    endpoints.push(created);
    return json(dialect.createdStatus, dialect.write(created, true));
  }
  const known = endpoints.find((one) => one.id === id);
  if (known === undefined || asked.method !== dialect.changeMethod) return json(404, {});
  Object.assign(known, change);
  return json(200, dialect.write(known, false));
};

const STRIPE: Dialect = {
  path: '/v1/webhook_endpoints',
  changeMethod: 'POST',
  createdStatus: 200,
  read({ body }) {
    const form = new URLSearchParams(body);
    const [url, disabled, types] = [form.get('url'), form.get('disabled'), form.getAll('enabled_events[]')];
    return {
      ...(url === null ? {} : { url }),
      ...(types.length === 0 ? {} : { eventTypes: types }),
      ...(disabled === null ? {} : { isEnabled: disabled === 'false' }),
    };
  },
  write: ({ id, url, isEnabled, eventTypes, apiVersion }, isNew) => ({
    id,
    object: 'webhook_endpoint',
    url,
    status: isEnabled ? 'enabled' : 'disabled',
    enabled_events: eventTypes,
    api_version: apiVersion,
    ...(isNew ? { secret: 'whsec_canaryofthenewendpoint' } : {}),
  }),
  list: (data) => ({ object: 'list', data, has_more: false }),
};

const SQUARE: Dialect = {
  path: '/v2/webhooks/subscriptions',
  changeMethod: 'PUT',
  createdStatus: 200,
  read({ body }) {
    const { subscription = {} } = body === '' ? {} : JSON.parse(body);
    const { notification_url: url, event_types: types, enabled } = subscription;
    return {
      ...(url === undefined ? {} : { url }),
      ...(types === undefined ? {} : { eventTypes: types }),
      ...(enabled === undefined ? {} : { isEnabled: enabled }),
    };
  },
  write: (endpoint) => ({ subscription: squareSubscription(endpoint) }),
  list: (written) =>
    written.length === 0
      ? {}
      : { subscriptions: written.map((one) => (one as { readonly subscription: unknown }).subscription) },
};

const squareSubscription = ({ id, url, isEnabled, eventTypes, apiVersion }: FakeEndpoint): object => ({
  id,
  name: 'Payhook',
  enabled: isEnabled,
  event_types: eventTypes,
  notification_url: url,
  api_version: apiVersion,
  signature_key: 'canary-of-the-key',
});

const PAYPAL: Dialect = {
  path: '/v1/notifications/webhooks',
  changeMethod: 'PATCH',
  createdStatus: 201,
  read({ method, body }) {
    if (body === '') return {};
    const namesOf = (types: readonly { readonly name: string }[]) => types.map(({ name }) => name);
    const read = JSON.parse(body);
    if (method === 'POST') return { url: read.url, eventTypes: namesOf(read.event_types) };
    return Object.fromEntries(
      read.map(({ path, value }: { readonly path: string; readonly value: never }) =>
        path === '/url' ? ['url', value] : ['eventTypes', namesOf(value)],
      ),
    );
  },
  write: ({ id, url, eventTypes }) => ({
    id,
    url,
    event_types: eventTypes.map((name) => ({ name, status: 'ENABLED' })),
  }),
  list: (webhooks) => ({ webhooks }),
};

const DIALECTS = { stripe: STRIPE, square: SQUARE, paypal: PAYPAL } as const;

export const endpointsAnswer = (name: keyof typeof DIALECTS, keeping: KeepingEndpoints, asked: Asked): Answer | null =>
  answer(DIALECTS[name], keeping, asked);
