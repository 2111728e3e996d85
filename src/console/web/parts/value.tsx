/** Times, amounts, ids and texts from outside, each written in one way. */
import type { MoneyJson } from '../../api-types.ts';
import { agoText, moneyText, printable, timeText } from '../format.ts';
import { now } from '../now.ts';
import { zone } from '../preferences.ts';

/** How long ago; the moment itself is in the title. */
export const Ago = ({ at }: { readonly at: string }) => (
  <time dateTime={at} title={`${timeText(at, zone.value, true)} ${zone.value}`}>
    {agoText(at, now.value)}
  </time>
);

export const Time = ({ at, isExact = false }: { readonly at: string; readonly isExact?: boolean }) => (
  <time dateTime={at} title={agoText(at, now.value)}>
    {timeText(at, zone.value, isExact)}
  </time>
);

const Nothing = () => <span class="none">–</span>;

export const Amount = ({ of }: { readonly of: MoneyJson | null }) =>
  of === null ? <Nothing /> : <span class="amount">{moneyText(of)}</span>;

/** Sums of different currencies stand beside each other: they are never added up. */
export const Amounts = ({ of }: { readonly of: readonly MoneyJson[] }) =>
  of.length === 0 ? (
    <Nothing />
  ) : (
    <span class="amounts">
      {of.map((money) => (
        <Amount key={`${money.currency}${money.exponent}`} of={money} />
      ))}
    </span>
  );

/** Text that others wrote, or nothing. Written from right to left it turns nothing around that stands beside it. */
export const Text = ({ of }: { readonly of: string | null | undefined }) =>
  of === null || of === undefined || of === '' ? <Nothing /> : <bdi>{printable(of)}</bdi>;

/**
 * The name of a type, or a code: it breaks, where it has to, behind a dot or an underscore. Its parts are no components: a page
 * of a list has hundreds of them.
 */
export const Name = ({ of }: { readonly of: string }) =>
  of === '' ? (
    <Nothing />
  ) : (
    of
      .split(/(?<=[._])/)
      .flatMap((part, index) => [<wbr key={`${index} before`} />, <bdi key={`${index} part`}>{printable(part)}</bdi>])
  );

/** Text in a column of its own: where the row leads to all of it, the first lines. */
export const Words = ({ of }: { readonly of: string }) => (
  <span class="words" title={printable(of)}>
    <Text of={of} />
  </span>
);

export const Id = ({ of }: { readonly of: string | null }) =>
  of === null ? (
    <Nothing />
  ) : (
    <code class="id" title={printable(of)}>
      {printable(of)}
    </code>
  );
