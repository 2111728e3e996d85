/** Why a server could not listen, as a sentence that says what to do. */
import { asPayhookError, PayhookError } from '../../core/errors.ts';

export const portError = (error: unknown, host: string, port: number): PayhookError => {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const where = `${host} port ${port}`;
  if (code === 'EADDRINUSE') {
    return new PayhookError(
      'configuration_invalid',
      `${where} is taken by another program: stop it, or set PAYHOOK_PORT to a free port`,
      { cause: error },
    );
  }
  if (code === 'EACCES') {
    return new PayhookError(
      'configuration_invalid',
      `${where} may not be used by this user: set PAYHOOK_PORT to 1024 or above`,
      { cause: error },
    );
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return new PayhookError(
      'configuration_invalid',
      `${host} is not an address of this machine: check edge.host in payhook.config.ts`,
      { cause: error },
    );
  }
  return asPayhookError(error);
};
