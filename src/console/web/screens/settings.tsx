/** What takes effect, and whether anything is wrong. Nothing is changed here: configuration is code. */
import type { HealthJson, OperatorsJson, SecretUseJson, SettingsJson } from '../../api-types.ts';
import { commandLine } from '../command-line.ts';
import { bytesText, countText, words } from '../format.ts';
import { Command } from '../parts/command.tsx';
import { Facts } from '../parts/facts.tsx';
import { Operators } from '../parts/operators.tsx';
import { sentence, Unanswered } from '../parts/problem.tsx';
import { Screen } from '../parts/screen.tsx';
import { SECRET_COLUMNS, secretKey } from '../parts/secret-columns.tsx';
import { Table } from '../parts/table.tsx';
import { Ago, Text } from '../parts/value.tsx';
import { homeOf, session } from '../server.ts';
import { useAnswer } from '../use-answer.ts';

export const Settings = () => {
  const { answer, problem, reload } = useAnswer<SettingsJson>('/api/settings');
  return (
    <Screen title="Settings" actions={<Command line={commandLine(homeOf(), ['config'])} />}>
      {answer === null && <Unanswered why={problem} retry={reload} />}
      {answer?.warnings.map((warning) => (
        <p key={warning} class="notice">
          <Text of={warning} />
        </p>
      ))}
      {answer !== null && <Health of={answer.health} />}
      <Secrets />
      <WhoMayAct />
      {answer !== null && <Config of={answer.config} />}
    </Screen>
  );
};

const Secrets = () => {
  const { answer, problem, reload } = useAnswer<readonly SecretUseJson[]>('/api/settings/secrets');
  return (
    <section aria-labelledby="secrets-title">
      <Titled id="secrets-title" title="Signing secrets" command={['secrets', 'status']} />
      {answer === null && <Unanswered why={problem} retry={reload} />}
      {answer !== null && answer.length === 0 && <p class="quiet">None is configured.</p>}
      {answer !== null && answer.length > 0 && (
        <Table
          caption="Signing secrets, and what each has verified"
          columns={SECRET_COLUMNS}
          items={answer}
          keyOf={secretKey}
        />
      )}
    </section>
  );
};

const WhoMayAct = () => {
  const { answer, problem, reload } = useAnswer<OperatorsJson>('/api/settings/operators');
  return (
    <section aria-labelledby="operators-title">
      <Titled id="operators-title" title="Operators" command={['operators', 'list']} />
      {answer === null && <Unanswered why={problem} retry={reload} />}
      {answer !== null && <Operators of={answer} />}
    </section>
  );
};

interface TitledProps {
  readonly id: string;
  readonly title: string;
  readonly command: readonly string[];
}

const Titled = ({ id, title, command }: TitledProps) => (
  <div class="titled-head">
    <h2 id={id}>{title}</h2>
    <Command line={commandLine(homeOf(), command)} />
  </div>
);

const Health = ({ of: { problems, digestAt, machine } }: { readonly of: HealthJson }) => (
  <section aria-labelledby="health-title">
    <Titled id="health-title" title="Health" command={['health']} />
    {problems.length === 0 && <p class="done">✔ Nothing is wrong{machine === null && ' with what is stored'}.</p>}
    {problems.map((problem) => (
      <p key={problem} class="problem">
        {sentence(problem)}
      </p>
    ))}
    {machine === null && (
      <p class="quiet">
        Alarms say the rest: <code>aws cloudwatch describe-alarms --state-value ALARM</code>
      </p>
    )}
    <Facts
      facts={[
        ...(machine === null
          ? []
          : [
              { name: 'Server', value: machine.isServerRunning ? 'runs' : 'says nothing' },
              {
                name: 'Queue',
                value: `${countText(machine.queueReady)} ready, ${countText(machine.queueWaiting)} wait or are worked on`,
              },
              {
                name: 'Disk',
                value: `${bytesText(machine.databaseBytes)} taken, ${bytesText(machine.freeBytes)} free`,
              },
            ]),
        { name: 'Last digest', value: digestAt === null ? 'none yet' : <Ago at={digestAt} /> },
        { name: 'Version', value: session.value?.version },
      ]}
    />
  </section>
);

/** What is off, and what turns it on. */
const OFF: Readonly<Record<string, string>> = {
  configFile: 'none was read: payhook.config.ts',
  mode: "nothing tells live from test: mode: 'live'",
  handlers: "no code of yours is called: handlers: './handlers.ts'",
  destinations: 'events go nowhere else: docs/destinations.md',
};

const isEmpty = (value: unknown): boolean =>
  value === null || (typeof value === 'object' && Object.keys(value).length === 0);

const isGroup = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const titleOf = (name: string): string => words(name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));

/** `{ a: { b: 1 } }` is `a.b` and 1. */
const leaves = (value: unknown, name = ''): readonly (readonly [string, string])[] =>
  isGroup(value) && !isEmpty(value)
    ? Object.entries(value).flatMap(([key, one]) => leaves(one, name === '' ? key : `${name}.${key}`))
    : [[name, isEmpty(value) ? 'as usual' : typeof value === 'string' ? value : JSON.stringify(value)]];

const Config = ({ of }: { readonly of: SettingsJson['config'] }) => {
  const all = Object.entries({ mode: null, ...of });
  const groups = all.filter(([, value]) => isGroup(value) && !isEmpty(value));
  const single = all.filter(([, value]) => !(isGroup(value) && !isEmpty(value)));
  return (
    <>
      <h2>Configuration, as it takes effect</h2>
      <Facts
        facts={single.map(([name, value]) => ({
          name: titleOf(name),
          value: isEmpty(value) ? (
            <span class="quiet">off{OFF[name] !== undefined && `: ${OFF[name]}`}</span>
          ) : (
            <Text of={leaves(value)[0]?.[1]} />
          ),
        }))}
      />
      {groups.map(([name, value]) => (
        <section key={name}>
          <h2 class="titled">{titleOf(name)}</h2>
          <Facts facts={leaves(value).map(([key, text]) => ({ name: <Text of={key} />, value: <Text of={text} /> }))} />
        </section>
      ))}
    </>
  );
};
