/** Why a server could not listen, as a sentence that says what to do. */
import { asPayhookError, PayhookError } from '../../core/errors.ts';

/** One of the addresses that a home listens on, and what a user changes it by. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
  readonly portVariable: 'PAYHOOK_PORT' | 'PAYHOOK_OPERATIONS_PORT';
  readonly hostSetting: 'edge.host' | 'edge.operationsHost';
}

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);

/** Of an error of `portError`. */
export const isTaken = (error: unknown): boolean =>
  error instanceof PayhookError && codeOf(error.cause) === 'EADDRINUSE';

export const portError = (error: unknown, { host, port, portVariable, hostSetting }: ListenAddress): PayhookError => {
  const code = codeOf(error);
  const where = `${host} port ${port}`;
  if (code === 'EADDRINUSE') {
    return new PayhookError(
      'configuration_invalid',
      `${where} is taken by another program: stop it, or set ${portVariable} to a free port`,
      { cause: error },
    );
  }
  if (code === 'EACCES') {
    return new PayhookError(
      'configuration_invalid',
      `${where} may not be used by this user: set ${portVariable} to 1024 or above`,
      { cause: error },
    );
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return new PayhookError(
      'configuration_invalid',
      `${host} is not an address of this machine: check ${hostSetting} in payhook.config.ts`,
      { cause: error },
    );
  }
  return asPayhookError(error);
};
