/** What a job would do, or was asked to do: how many, how much money, who is called, what cannot be done. */
import type { PreviewJson } from '../../api-types.ts';
import { counted } from '../counted.ts';
import { countText, printable } from '../format.ts';
import { Facts } from './facts.tsx';
import { Amounts, Time } from './value.tsx';

export const IMPOSSIBLE: Readonly<Record<PreviewJson['preview']['impossible'][number]['why'], string>> = {
  unparsable: 'the signed body was not understood',
  waits_already: 'waits for its first attempt already',
  not_given_to_handler: 'was never given to this handler',
  none_given_up: 'nothing of it was given up',
  not_there: 'is not there',
  not_meant: 'is not in that state any more, or not what the filter says',
};

export const Preview = ({ of }: { readonly of: PreviewJson['preview'] }) => (
  <Facts
    facts={[
      { name: 'Webhooks', value: countText(of.webhooks) },
      {
        name: 'Money at risk',
        value: (
          <>
            <Amounts of={of.money} />{' '}
            <span class="quiet">
              in {counted(of.payments, 'payment')}
              {of.withoutAmount > 0 && `, ${countText(of.withoutAmount)} without an amount`}
            </span>
          </>
        ),
      },
      ...of.handlers.map(({ handler, called, notCalled }) => ({
        name: `handler ${printable(handler)}`,
        value: [
          ...(called > 0 ? [`called for ${countText(called)}`] : []),
          ...(notCalled > 0 ? [`not again for ${countText(notCalled)} that it has done`] : []),
        ].join(', '),
      })),
      ...(of.notReached > 0
        ? [
            {
              name: 'Handlers',
              value: `whoever wants them, for ${countText(of.notReached)} that nobody was called with yet`,
            },
          ]
        : []),
      ...of.destinations.map(({ destination, events }) => ({
        name: `destination ${printable(destination)}`,
        value: `${counted(events, 'event')} again`,
      })),
      ...of.impossible.map(({ why, webhooks, examples }) => ({
        name: 'Cannot be done',
        value: `${countText(webhooks)}: ${IMPOSSIBLE[why]} (${printable(examples.join(', '))}${webhooks > examples.length ? ', …' : ''})`,
      })),
      ...(of.scannedUntil === null
        ? []
        : [
            {
              name: 'Looked back to',
              value: (
                <>
                  <Time at={of.scannedUntil} />: what is older is not part of it
                </>
              ),
            },
          ]),
    ]}
  />
);
