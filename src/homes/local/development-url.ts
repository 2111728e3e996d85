/**
 * What the local home takes for the address that a provider sends to while none is configured, and what `payhook send` then
 * signs with: never what a request says of itself. Nobody has to reach it.
 */
import { PORT_DEFAULT } from '../../config/environment.ts';

export const developmentUrlOf = (provider: string): string => `http://127.0.0.1:${PORT_DEFAULT}/webhook/${provider}`;
