/** Completion for shells: the library reads the commands and options, and this says which values there are. */
import tab from '@bomb.sh/tab/commander';
import type { Command } from 'commander';
import { PROVIDERS } from '../providers/providers.ts';
import { samplesOf } from '../samples/samples.ts';
import { SCENARIOS } from '../samples/scenarios/scenarios.ts';

type Complete = (value: string, description: string) => void;

const completeProviders = (complete: Complete): void => {
  for (const { name, title } of PROVIDERS) complete(name, title);
};

const completeSamples = (complete: Complete): void => {
  const samples = new Map(PROVIDERS.flatMap(({ name }) => samplesOf(name)).map((one) => [one.eventType, one.summary]));
  for (const [eventType, summary] of samples) complete(eventType, summary);
};

const completeScenarios = (complete: Complete): void => {
  for (const { name, summary } of SCENARIOS) complete(name, summary);
};

/**
 * What comes before the library's script for bash. Names in that cannot be given twice, and a profile is read again whenever
 * somebody changes it. A system without the package bash-completion does not have the function that it asks for words.
 */
const BEFORE_BASH = `declare -F __payhook_complete >/dev/null && return 0 2>/dev/null
declare -F _get_comp_words_by_ref >/dev/null || _get_comp_words_by_ref() {
    words=("\${COMP_WORDS[@]}") cword=$COMP_CWORD
    cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]}
}`;

/** Adds `completion <shell>`, which prints a script, and the hidden command that the script asks. */
export const addCompletion = (program: Command, print: (line: string) => void): void => {
  const { commands } = tab(program, { completionCommandName: 'completion' });
  const script = program.commands.find((command) => command.name() === 'completion');
  script?.description('a script that completes words in a shell: source <(payhook completion bash)');
  script?.hook('preAction', (_, { args: [shell] }) => {
    if (shell === 'bash') print(BEFORE_BASH);
  });
  for (const command of commands.values()) {
    const provider = command.options.get('provider');
    if (provider !== undefined) provider.handler = completeProviders;
  }
  const send = commands.get('send');
  send?.argument('provider', completeProviders).argument('event type', completeSamples);
  commands.get('send scenario')?.argument('name', completeScenarios);
};
