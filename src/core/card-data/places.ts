/** Says where in a JSON document a character stands, for the card-data guard: under which key, in which kind of token. */
import { isChosenByPeople } from './fields.ts';

export interface CardDataPlace {
  readonly token: 'key' | 'string' | 'bare';
  /** The key of the value, unescaped; an item of an array has the key of the array. Empty at the top. */
  readonly key: string;
  /** Inside an object whose content merchants or buyers choose, such as `metadata`. */
  readonly isInChosenObject: boolean;
  /** The keys from the top to the value; an array adds none. To be asked before the next position. */
  path(): readonly string[];
  /** Of a key or string: its opening and its closing quote. */
  readonly quotes: { readonly start: number; readonly end: number } | null;
}

interface Frame {
  readonly isObject: boolean;
  readonly isChosen: boolean;
  key: string;
  isKeyNext: boolean;
}

const TOP: Frame = { isObject: false, isChosen: false, key: '', isKeyNext: false };

const endOfString = (json: string, quote: number): number => {
  let index = quote + 1;
  while (index < json.length && json[index] !== '"') index += json[index] === '\\' ? 2 : 1;
  return index;
};

const unescaped = (raw: string): string => (raw.includes('\\') ? JSON.parse(`"${raw}"`) : raw);

/**
 * A reader that walks forward only: positions must be asked in rising order, and all questions together cost one walk.
 * `json` is known to be a JSON document. Iterative, so depth costs memory but no stack.
 */
export const createPlaceReader = (json: string): ((position: number) => CardDataPlace) => {
  const frames: Frame[] = [];
  let frame: Frame = TOP;
  let index = 0;
  let stringEnd = -1;
  // A payload of nothing but nested objects names few different keys.
  const chosenKeys = new Map<string, boolean>();

  const isChosenKey = (key: string): boolean => {
    let isChosen = chosenKeys.get(key);
    if (isChosen === undefined) {
      isChosen = isChosenByPeople(key);
      chosenKeys.set(key, isChosen);
    }
    return isChosen;
  };

  const open = (parent: Frame, isObject: boolean): Frame => ({
    isObject,
    isChosen: parent.isChosen || isChosenKey(parent.key),
    key: isObject ? '' : parent.key,
    isKeyNext: isObject,
  });

  const step = (): void => {
    const char = json[index];
    if (char === '{' || char === '[') {
      frames.push(frame);
      frame = open(frame, char === '{');
    } else if (char === '}' || char === ']') frame = frames.pop() ?? TOP;
    else if (char === ',') frame.isKeyNext = frame.isObject;
    index += 1;
  };

  const path = (): string[] => [...frames, frame].filter(({ isObject }) => isObject).map(({ key }) => key);
  const placeOf = (token: CardDataPlace['token'], quotes: CardDataPlace['quotes']): CardDataPlace => ({
    token,
    key: frame.key,
    isInChosenObject: frame.isChosen,
    path,
    quotes,
  });

  return (position) => {
    while (index <= position) {
      if (json[index] !== '"') {
        step();
        continue;
      }
      if (stringEnd < index) stringEnd = endOfString(json, index);
      const isKey = frame.isKeyNext;
      if (position <= stringEnd) return placeOf(isKey ? 'key' : 'string', { start: index, end: stringEnd });
      if (isKey) {
        frame.key = unescaped(json.slice(index + 1, stringEnd));
        frame.isKeyNext = false;
      }
      index = stringEnd + 1;
    }
    return placeOf('bare', null);
  };
};
