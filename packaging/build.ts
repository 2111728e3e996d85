/** `npm run build`: makes `dist`, the folder that is the package, and says how much travels. */
import { join } from 'node:path';
import { buildPackage } from './build-package.ts';

const { files, bytes } = await buildPackage(join(import.meta.dirname, '..', 'dist'));
process.stdout.write(`dist has ${files} files, ${(bytes / 1024 / 1024).toFixed(1)} MB\n`);
