/** For an assessor, on one page that can be printed: who may do what, how long things are kept, keys, the trail, card data. */
import type { ComponentChildren } from 'preact';
import type { EvidenceJson } from '../../api-types.ts';
import { commandLine } from '../command-line.ts';
import { counted } from '../counted.ts';
import { countText, words } from '../format.ts';
import { Command } from '../parts/command.tsx';
import { Facts } from '../parts/facts.tsx';
import { OnlyWithTrail } from '../parts/only-with-trail.tsx';
import { Operators } from '../parts/operators.tsx';
import { Unanswered } from '../parts/problem.tsx';
import { Screen } from '../parts/screen.tsx';
import { SECRET_COLUMNS, secretKey } from '../parts/secret-columns.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { TakeAlong } from '../parts/take-along.tsx';
import { Id, Text, Time } from '../parts/value.tsx';
import { Verify } from '../parts/verify.tsx';
import { homeOf } from '../server.ts';
import { useAnswer } from '../use-answer.ts';

const ROLES = ['viewer', 'auditor', 'operator', 'approver'] as const;

type Permission = [string, readonly string[]];

const PERMISSIONS: Readonly<Record<keyof EvidenceJson['permissions'], string>> = {
  look: 'see lists, details, payments, causes: nothing of a payload',
  read_audit: 'see, verify and export the audit trail',
  review_day: 'say that a day of it was reviewed',
  open_payload: 'open a payload, for a reason',
  put_back: 'redrive, replay, resend, accept, one or many',
  approve: 'decide on what somebody else asked for',
  look_after: 'back up, rotate keys, hold, reanchor',
  change_operators: 'add and remove operators',
};

const MAY_COLUMNS: readonly Column<Permission>[] = [
  { name: 'May', cell: ([permission]) => PERMISSIONS[permission as keyof typeof PERMISSIONS] },
  ...ROLES.map(
    (role): Column<Permission> => ({
      name: role,
      cell: ([, roles]) => (roles.includes(role) ? '✔ yes' : <span class="none">– no</span>),
    }),
  ),
];

const KEY_COLUMNS: readonly Column<NonNullable<EvidenceJson['keys']>[number]>[] = [
  { name: 'Key', cell: ({ purpose }) => purpose },
  { name: 'Fingerprint', cell: ({ fingerprint }) => <Id of={fingerprint} /> },
  { name: 'State', cell: ({ state }) => words(state) },
  { name: 'Since', cell: ({ since }) => <Time at={since} /> },
];

const TITLE = 'Evidence';

export const Evidence = () => (
  <OnlyWithTrail title={TITLE}>
    <OfNow />
  </OnlyWithTrail>
);

const OfNow = () => {
  const { answer, problem, reload } = useAnswer<EvidenceJson>('/api/evidence');
  return (
    <Screen
      title={TITLE}
      actions={
        <>
          <button type="button" onClick={() => print()}>
            Print
          </button>
          <Command line={commandLine(homeOf(), ['audit', 'evidence'])} />
        </>
      }
    >
      {answer === null && <Unanswered why={problem} retry={reload} />}
      {answer !== null && <Gathered of={answer} />}
    </Screen>
  );
};

const Part = ({ title, children }: { readonly title: string; readonly children: ComponentChildren }) => (
  <section aria-label={title}>
    <h2>{title}</h2>
    {children}
  </section>
);

const Gathered = ({ of }: { readonly of: EvidenceJson }) => (
  <>
    <Facts
      facts={[
        { name: 'Gathered', value: <Time at={of.gatheredAt} /> },
        { name: 'Payhook', value: of.version },
        { name: 'Home', value: of.home.kind === 'aws' ? `AWS ${of.home.environmentSuffix}` : 'one machine' },
        { name: 'Mode', value: of.mode ?? 'not configured' },
      ]}
    />
    <Verify />
    <Part title="Audit trail">
      <TrailFacts of={of.trail} />
      <TakeAlong />
    </Part>
    <Part title="Who may act">
      <Operators of={of} />
      <Table
        caption="What each role may"
        columns={MAY_COLUMNS}
        items={Object.entries(of.permissions)}
        keyOf={([permission]) => permission}
      />
    </Part>
    <Part title="Kept for">
      <Facts
        facts={[
          { name: 'Webhooks', value: counted(of.retention.webhookDays, 'day') },
          { name: 'Audit trail', value: `${counted(of.retention.auditDaysMin, 'day')} at least` },
          {
            name: 'Rejected deliveries',
            value:
              of.retention.rejectedDays === null ? 'not kept' : `${counted(of.retention.rejectedDays, 'day')}, sealed`,
          },
        ]}
      />
    </Part>
    <Part title="Keys">
      {of.keys === null ? (
        <p class="quiet">KMS keeps them, and rotates the one of the data each year.</p>
      ) : (
        <Table
          caption="Keys"
          columns={KEY_COLUMNS}
          items={of.keys}
          keyOf={({ purpose, fingerprint }) => `${purpose} ${fingerprint}`}
        />
      )}
    </Part>
    <Part title="Signing secrets">
      {of.secretsProblem !== null && (
        <p class="notice">
          <Text of={of.secretsProblem} />
        </p>
      )}
      {of.secrets.length === 0 ? (
        of.secretsProblem === null && <p class="quiet">None is configured.</p>
      ) : (
        <Table caption="Signing secrets" columns={SECRET_COLUMNS} items={of.secrets} keyOf={secretKey} />
      )}
    </Part>
    <Part title="Card data">
      <CardData of={of.cardData} />
    </Part>
  </>
);

const TrailFacts = ({ of: { entries, beginsAfterDigest, lastDigest } }: { readonly of: EvidenceJson['trail'] }) => (
  <Facts
    facts={[
      { name: 'Entries', value: countText(entries) },
      beginsAfterDigest === null
        ? null
        : { name: 'Begins', value: `after digest ${beginsAfterDigest}: what was before had its time` },
      ...(lastDigest === null
        ? [{ name: 'Signed', value: 'nothing yet' }]
        : [
            {
              name: 'Signed',
              value: (
                <>
                  up to entry {countText(lastDigest.lastPosition)}, <Time at={lastDigest.createdAt} />
                </>
              ),
            },
            {
              name: 'Last digest',
              value: (
                <code>
                  {lastDigest.number}:{lastDigest.hash}
                </code>
              ),
            },
            { name: 'Signed by key', value: <Id of={lastDigest.keyId} /> },
          ]),
    ]}
  />
);

const CardData = ({ of }: { readonly of: EvidenceJson['cardData'] }) => (
  <p>
    {of.webhooks === 0 ? '✔ None' : `Masked before it was stored in ${countText(of.webhooks)}`} of the newest{' '}
    {counted(of.lookedAt, 'webhook')}
    {of.lookedBackTo !== null && (
      <>
        , back to <Time at={of.lookedBackTo} />
      </>
    )}
    {of.webhooks > 0 && (
      <>
        : {counted(of.cardNumbers, 'card number')}, {counted(of.securityCodes, 'security code')},{' '}
        {countText(of.trackData)} of a track
      </>
    )}
    .
  </p>
);
