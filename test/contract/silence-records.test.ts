import { describeSilenceRecords } from './silence-records-contract.ts';
import { SILENCE_RECORDS } from './state-adapters.ts';

for (const { name, open } of SILENCE_RECORDS) describeSilenceRecords(name, open);
