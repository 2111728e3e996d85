/** Both homes fetch certificates in the same way. */
import { createHttpCertificateSource } from '../../src/adapters/http/http-certificate-source.ts';
import type { OpenCertificates } from './certificate-source-contract.ts';
import type { Adapter } from './contract-tests.ts';

export const CERTIFICATE_SOURCES: readonly Adapter<OpenCertificates>[] = [
  { name: 'http', open: (setup) => createHttpCertificateSource(setup) },
];
