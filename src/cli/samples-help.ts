/** The samples that `payhook send` has, for its help. */
import { PROVIDERS } from '../providers/providers.ts';
import { samplesOf } from '../samples/samples.ts';

export const samplesHelp = (): string =>
  PROVIDERS.map((provider) => {
    const samples = samplesOf(provider.name).map((sample) => `  ${sample.eventType.padEnd(46)} ${sample.summary}`);
    return `\n${provider.title} (${provider.name}):\n${samples.join('\n')}`;
  }).join('\n');
