/** Where the built functions are, below the working directory; emptied by each build, so it is nobody else's. */
import { join } from 'node:path';

export const FUNCTIONS_DIRECTORY = join('build', 'payhook');
