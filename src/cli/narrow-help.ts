/** Help on a narrow terminal: what a command or an option does stands below it where there is no room beside it. */
import { Help, type HelpConfiguration } from 'commander';

const WIDTH_DEFAULT = 80;
/** Beside a term, a description of fewer characters a line is read with difficulty. */
const DESCRIPTION_WIDTH_MIN = 30;
const [INDENT, BELOW] = ['  ', '      '];

export const narrowHelp: HelpConfiguration = {
  minWidthToWrap: DESCRIPTION_WIDTH_MIN,
  formatItem(term, termWidth, description, helper) {
    const width = helper.helpWidth ?? WIDTH_DEFAULT;
    const isRoomBeside = width - termWidth - INDENT.length * 2 >= DESCRIPTION_WIDTH_MIN;
    if (description === '' || isRoomBeside)
      return Help.prototype.formatItem.call(helper, term, termWidth, description, helper);
    const lines = helper.boxWrap(description, width - BELOW.length).split('\n');
    return [`${INDENT}${term}`, ...lines.map((line) => `${BELOW}${line}`.trimEnd())].join('\n');
  },
};
