/** The endpoints that Stripe, Square and PayPal keep, as their published references describe them. Null for another path. */

/** An endpoint of any of them. */
export interface FakeEndpoint {
  readonly id: string;
  url: string;
  isEnabled: boolean;
  eventTypes: readonly string[];
  readonly apiVersion: string;
  /** Of an event destination of Stripe's. @default it is none, or its events carry their objects */
  readonly isThin?: boolean;
}

export interface KeepingEndpoints {
  readonly endpoints: FakeEndpoint[];
  /** Of Stripe, in its `/v2` alone. */
  readonly destinations: FakeEndpoint[];
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

const answer = (dialect: Dialect, { endpoints }: Pick<KeepingEndpoints, 'endpoints'>, asked: Asked): Answer | null => {
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

const DESTINATIONS = '/v2/core/event_destinations';
const PAGE = 2;

const destinationText = (destination: FakeEndpoint, hasUrl: boolean): object => ({
  id: destination.id,
  object: 'v2.core.event_destination',
  enabled_events: destination.eventTypes,
  event_payload: destination.isThin === true ? 'thin' : 'snapshot',
  snapshot_api_version: destination.isThin === true ? null : destination.apiVersion,
  status: destination.isEnabled ? 'enabled' : 'disabled',
  type: destination.url === '' ? 'amazon_eventbridge' : 'webhook_endpoint',
  webhook_endpoint: destination.url === '' ? null : { signing_secret: null, url: hasUrl ? destination.url : null },
});

/**
 * Stripe's event destinations, as https://docs.stripe.com/api/v2/core/event_destinations has them: each comes with its URL only
 * where that is included, and enabling one answers without it.
 */
export const destinationsAnswer = ({ destinations }: KeepingEndpoints, asked: Asked): Answer | null => {
  const { pathname, searchParams } = asked.url;
  if (pathname !== DESTINATIONS && !pathname.startsWith(`${DESTINATIONS}/`)) return null;
  const hasUrl = searchParams.get('include[0]') === 'webhook_endpoint.url';
  if (pathname === DESTINATIONS) {
    if (asked.method !== 'GET') return json(404, {});
    const from = Number(searchParams.get('page') ?? 0);
    const next =
      from + PAGE < destinations.length ? `${DESTINATIONS}?include[0]=webhook_endpoint.url&page=${from + PAGE}` : null;
    const data = destinations.slice(from, from + PAGE).map((one) => destinationText(one, hasUrl));
    return json(200, { data, next_page_url: next, previous_page_url: null });
  }
  const [id, action] = pathname.slice(DESTINATIONS.length + 1).split('/');
  const known = destinations.find((one) => one.id === id);
  if (known === undefined) return json(404, { error: { code: 'not_found' } });
  if (asked.method === 'POST' && action === undefined) {
    const { enabled_events: eventTypes, webhook_endpoint: to } = JSON.parse(asked.body);
    if (isRefused({ url: to?.url, eventTypes })) return json(400, { error: { code: 'canary' } });
    Object.assign(known, eventTypes === undefined ? {} : { eventTypes }, to === undefined ? {} : { url: to.url });
  }
  if (asked.method === 'POST' && action !== undefined) known.isEnabled = action === 'enable';
  return json(200, destinationText(known, hasUrl));
};
