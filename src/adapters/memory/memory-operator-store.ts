import type { Operator, OperatorStore } from '../../operators/operator.ts';

export const createMemoryOperatorStore = (): OperatorStore => {
  let kept: readonly Operator[] = [];
  return {
    all: () => kept,
    write(operators) {
      kept = [...operators];
    },
  };
};
