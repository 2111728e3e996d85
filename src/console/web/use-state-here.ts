/** State that is set by what takes long: once the screen is gone, nobody sets it any more. */
import { useEffect, useRef, useState } from 'preact/hooks';

export const useStateHere = <State>(first: State): readonly [State, (next: State) => void] => {
  const [state, setState] = useState(first);
  const isHere = useRef(true);
  useEffect(
    () => () => {
      isHere.current = false;
    },
    [],
  );
  const become = (next: State): void => {
    if (isHere.current) setState(() => next);
  };
  return [state, become];
};
