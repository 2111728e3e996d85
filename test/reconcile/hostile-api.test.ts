import { HOMES } from '../contract/homes.ts';
import { describeHostileApi } from './hostile-api.ts';

for (const { name, open } of HOMES) describeHostileApi(name, open);
