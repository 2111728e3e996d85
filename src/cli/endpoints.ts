/** `payhook endpoints`: what providers deliver to, listed, registered and changed through their APIs, after a preview. */
import { closeSync, fsyncSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { OPERATORS_CHAIN } from '../audit/audit.ts';
import { PayhookError } from '../core/errors.ts';
import type {
  EndpointChange,
  EndpointRefusal,
  RegisteredEndpoint,
  WrittenEndpoint,
} from '../core/ports/provider-endpoints.ts';
import { screenText } from '../core/screen-text.ts';
import type { ActingHome } from '../homes/operator-home.ts';
import { endpointsOfOurs } from '../reconcile/endpoints/endpoint-drift.ts';
import { withOperator } from './act-as.ts';
import { type CommandContext, loadSettings } from './command-context.ts';
import { type AskedEndpoints, askedEndpoints, notListedText, refusalText } from './doctor.ts';
import { type PrintOptions, printList, type Shown } from './print-list.ts';
import type { ExitCode } from './report-failure.ts';

export interface ListEndpointsOptions extends PrintOptions {
  readonly provider?: string;
}

interface ChangeOptions {
  readonly provider: string;
  readonly mode?: 'live' | 'test';
  readonly yes?: boolean;
  readonly reason?: string;
}

export interface CreateEndpointOptions extends ChangeOptions {
  readonly url: string;
  readonly secretFile?: string;
}

export interface UpdateEndpointOptions extends ChangeOptions {
  readonly id?: string;
  readonly url?: string;
  readonly enable?: boolean;
}

interface Listed {
  readonly asked: AskedEndpoints;
  readonly endpoint: RegisteredEndpoint;
}

const SHOWN: Shown<Listed> = {
  header: ['AT', 'STATE', 'TYPES', 'VERSION', 'ID', 'URL'],
  row: ({ asked, endpoint: { id, url, isEnabled, eventTypes, apiVersion, isThin } }) => [
    asked.source.id,
    isEnabled ? 'enabled' : 'disabled',
    eventTypes.includes('*') ? 'all' : String(eventTypes.length),
    isThin === true ? 'thin' : (apiVersion ?? '-'),
    id,
    url,
  ],
  json: ({ asked, endpoint }) => ({ source: asked.source.id, provider: asked.source.provider, ...endpoint }),
};

/** Exit 1 when a provider could not be asked. */
export const listEndpoints = async (context: CommandContext, options: ListEndpointsOptions): Promise<ExitCode> => {
  const settings = await loadSettings(context);
  const listed: Listed[] = [];
  let code: ExitCode = 0;
  for (const asked of askedEndpoints(settings, context, options.provider)) {
    const outcome = await asked.source.endpoints.list();
    if (outcome.outcome === 'endpoints') {
      listed.push(...outcome.endpoints.map((endpoint) => ({ asked, endpoint })));
      if (outcome.notListed !== undefined) context.warn(`${asked.source.id}: ${notListedText(outcome.notListed)}`);
    } else {
      context.warn(`${asked.source.id}: ${refusalText(outcome)}`);
      code = 1;
    }
  }
  printList(context, listed, SHOWN, options, 'none is registered');
  return code;
};

/** The one that is meant. Throws `usage_wrong` where a credential of each mode is there and none is named. */
const oneAsked = async (context: CommandContext, { provider, mode }: ChangeOptions): Promise<AskedEndpoints> => {
  const all = askedEndpoints(await loadSettings(context), context, provider);
  const [first, ...others] = all.filter(({ source }) => mode === undefined || source.mode === mode);
  if (first === undefined)
    throw new PayhookError('usage_wrong', `there is no credential of mode ${mode} for ${provider}`);
  if (others.length > 0) {
    const ids = all.map(({ source }) => source.id).join(' and ');
    throw new PayhookError(
      'usage_wrong',
      `there are credentials for ${ids}: say which, with --mode live or --mode test`,
    );
  }
  return first;
};

const registeredAt = async ({ source }: AskedEndpoints): Promise<readonly RegisteredEndpoint[]> => {
  const outcome = await source.endpoints.list();
  if (outcome.outcome === 'endpoints') return outcome.endpoints;
  throw new PayhookError('server_unreachable', `${source.id}: ${refusalText(outcome)}`);
};

export const createEndpoint = async (context: CommandContext, options: CreateEndpointOptions): Promise<ExitCode> => {
  const asked = await oneAsked(context, options);
  const { url } = options;
  const known = (await registeredAt(asked)).find((endpoint) => endpoint.url === url);
  if (known !== undefined) {
    throw new PayhookError(
      'usage_wrong',
      `${url} is registered with ${asked.source.id} as ${known.id}: payhook endpoints update --provider ${options.provider} --id ${known.id} changes it`,
    );
  }
  const { eventTypes } = asked.wanted;
  context.print(`${asked.source.id}: register ${url} for ${eventTypes.length} types`);
  for (const type of eventTypes) context.print(`  + ${type}`);
  if (options.yes !== true) return notDone(context);
  const reason = reasonOf(options);
  const secretFile = secretFileOf(context, options.secretFile);
  return withOperator<ExitCode>(context, 'look_after', async (home) => {
    const acted: Acted = { event: 'ENDPOINT_CREATED', asked, url, reason };
    const endpoint = { url, eventTypes, requestId: home.randomness.id() };
    const create = () => act(home, acted, () => asked.source.endpoints.create(endpoint));
    return tell(context, await withSecretFile(secretFile, create), secretFile);
  });
};

export const updateEndpoint = async (context: CommandContext, options: UpdateEndpointOptions): Promise<ExitCode> => {
  const asked = await oneAsked(context, options);
  const before = oneEndpoint(asked, await registeredAt(asked), options.id);
  const change = changeOf(asked, before, options);
  const added = (change.eventTypes ?? []).filter((type) => !before.eventTypes.includes(type));
  context.print(`${asked.source.id}: ${before.id} at ${before.url}`);
  if (change.url !== undefined) context.print(`  url becomes ${change.url}`);
  if (change.isEnabled === true) context.print('  is enabled again');
  for (const type of added) context.print(`  + ${type}`);
  if (Object.keys(change).length === 0) {
    context.print('nothing to change');
    return 0;
  }
  if (options.yes !== true) return notDone(context);
  const reason = reasonOf(options);
  return withOperator<ExitCode>(context, 'look_after', async (home) => {
    const acted: Acted = { event: 'ENDPOINT_UPDATED', asked, url: change.url ?? before.url, reason };
    return tell(context, await act(home, acted, () => asked.source.endpoints.update(before.id, change)), null);
  });
};

const oneEndpoint = (
  { source, wanted }: AskedEndpoints,
  registered: readonly RegisteredEndpoint[],
  id: string | undefined,
): RegisteredEndpoint => {
  const [first, ...others] =
    id === undefined ? meantBy(wanted, registered) : registered.filter((endpoint) => endpoint.id === id);
  if (first === undefined) {
    const what = id === undefined ? 'no endpoint that leads here' : `no endpoint ${id}`;
    throw new PayhookError('not_found', `${source.id} has ${what}: payhook endpoints list shows what there is`);
  }
  if (others.length > 0) {
    const ids = [first, ...others].map((endpoint) => endpoint.id).join(', ');
    throw new PayhookError('usage_wrong', `several endpoints lead here (${ids}): say which, with --id`);
  }
  return first;
};

/** Thin ones only where there are no others. */
const meantBy = (
  wanted: AskedEndpoints['wanted'],
  registered: readonly RegisteredEndpoint[],
): readonly RegisteredEndpoint[] => {
  const ours = endpointsOfOurs(wanted, registered);
  const whole = ours.filter(({ isThin }) => isThin !== true);
  return whole.length > 0 ? whole : ours;
};

/** Types are added and none is taken away: somebody may need the others. What is mapped is no type of thin events. */
const changeOf = (
  { source, wanted }: AskedEndpoints,
  before: RegisteredEndpoint,
  { url, enable }: UpdateEndpointOptions,
): EndpointChange => {
  if (enable === true && !source.endpoints.canBeDisabled)
    throw new PayhookError('usage_wrong', `no endpoint of ${source.provider} can be disabled, nor enabled`);
  const types =
    before.isThin === true || before.eventTypes.includes('*')
      ? before.eventTypes
      : [...new Set([...before.eventTypes, ...wanted.eventTypes])];
  return {
    ...(url === undefined || url === before.url ? {} : { url }),
    ...(types.length === before.eventTypes.length ? {} : { eventTypes: types }),
    ...(enable === true && !before.isEnabled ? { isEnabled: true } : {}),
  };
};

const notDone = (context: CommandContext): ExitCode => {
  context.print('nothing was done: add --yes and --reason <text> to do it');
  return 0;
};

const reasonOf = ({ reason }: ChangeOptions): string => {
  if (reason !== undefined && reason.trim() !== '') return screenText(reason);
  throw new PayhookError('usage_wrong', 'say why, with --reason <text>: it is in the audit trail');
};

const secretFileOf = ({ cwd }: CommandContext, path: string | undefined): string => {
  if (path !== undefined) return resolve(cwd, path);
  throw new PayhookError(
    'usage_wrong',
    'the provider answers with the secret of the endpoint, perhaps this once: say where it goes, with --secret-file <path>, which must not be there yet',
  );
};

/** Opened before anything is asked: a secret that nobody could write down would be lost. */
const withSecretFile = async (path: string, create: () => Promise<WrittenEndpoint>): Promise<WrittenEndpoint> => {
  let file: number;
  try {
    file = openSync(path, 'wx', 0o600);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new PayhookError('usage_wrong', `the secret cannot be written to ${path}: ${why}`, { cause: error });
  }
  let isKept = false;
  try {
    const written = await create();
    if (written.outcome === 'written' && written.secret !== null) {
      keepSecret(file, path, written.endpoint, written.secret);
      isKept = true;
    }
    return written;
  } finally {
    closeSync(file);
    // One without a secret in it would be in the way of the next try.
    if (!isKept) unlinkSync(path);
  }
};

const keepSecret = (file: number, path: string, { id }: RegisteredEndpoint, secret: string): void => {
  try {
    writeSync(file, `${secret}\n`);
    fsyncSync(file);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new PayhookError(
      'store_unavailable',
      `${id} is registered, and its secret could not be written to ${path} (${why}): the provider's dashboard shows it, or gives another one`,
      { cause: error },
    );
  }
};

interface Acted {
  readonly event: 'ENDPOINT_CREATED' | 'ENDPOINT_UPDATED';
  readonly asked: AskedEndpoints;
  readonly url: string;
  readonly reason: string;
}

/** In the trail before it is done, and once more where it was not. */
const act = async (home: ActingHome, acted: Acted, work: () => Promise<WrittenEndpoint>): Promise<WrittenEndpoint> => {
  await tellTrail(home, acted, 'success', acted.reason);
  const written = await work();
  if (written.outcome !== 'written') await tellTrail(home, acted, 'failure', refusedReason(written));
  return written;
};

const tellTrail = (
  { auditLog, clock, operator }: ActingHome,
  { event, asked, url }: Acted,
  outcome: 'success' | 'failure',
  reason: string,
): Promise<void> =>
  auditLog.append([
    {
      chainId: OPERATORS_CHAIN,
      at: clock.now(),
      actor: operator,
      event,
      outcome,
      reason,
      origin: { sourceAddress: null, requestId: null, traceId: null },
      resource: { type: 'home', id: `endpoints ${asked.source.id}` },
      change: { from: null, to: url },
      count: 1,
    },
  ]);

const refusedReason = (refusal: EndpointRefusal): string =>
  'reason' in refusal ? `${refusal.outcome}: ${refusal.reason}` : refusal.outcome;

const tell = (context: CommandContext, written: WrittenEndpoint, secretFile: string | null): ExitCode => {
  switch (written.outcome) {
    case 'written':
      context.print(`done: ${written.endpoint.id} at ${written.endpoint.url}`);
      if (secretFile !== null) {
        context.print(
          written.secret === null
            ? 'the provider gave no secret with it: its dashboard shows it'
            : `its secret is in ${secretFile}`,
        );
      }
      return 0;
    case 'refused':
      context.warn(
        `the provider refuses it (${written.reason}): a URL has to be reachable from there, and each type one of its own`,
      );
      return 1;
    case 'credential_refused':
    case 'rate_limited':
    case 'unavailable':
      context.warn(`${refusalText(written)}; payhook endpoints list shows whether it was done`);
      return 1;
    default:
      return written satisfies never;
  }
};
