/** Names and what stands behind them; what has nothing is left out. */
import type { ComponentChildren } from 'preact';

export interface Fact {
  /** One of ours begins with a capital letter; a name that others gave stands as it is, in an element of its own. */
  readonly name: ComponentChildren;
  readonly value: ComponentChildren;
}

export const Facts = ({ facts }: { readonly facts: readonly (Fact | null)[] }) => {
  const known = facts.filter((fact) => fact !== null);
  return known.length === 0 ? null : (
    <dl class="facts">
      {known.map(({ name, value }, index) => (
        <div key={index}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
};
