/** How the help and the errors of the command line are printed. @module */
import type { Command, Help } from 'commander';
import { columnsOf, show, tell } from './terminal.ts';

/** Fewer characters beside the options are no column of text: the text then stands below. */
const LEAST = 30;

/** Sends all that commander prints to the terminal's own printer. Commands that are added later inherit it. */
export function configurePrinting(program: Command, { prototype }: typeof Help): Command {
  const linesOf = (text: string) => text.replace(/\n$/, '').split('\n');
  const widthOf = (stream: NodeJS.WriteStream) => {
    const columns = columnsOf(stream);
    return Number.isFinite(columns) ? columns : 80;
  };
  return program
    .configureOutput({
      writeOut: (text) => show(...linesOf(text)),
      writeErr: (text) => tell(...linesOf(text)),
      getOutHelpWidth: () => widthOf(process.stdout),
      getErrHelpWidth: () => widthOf(process.stderr),
    })
    .configureHelp({
      minWidthToWrap: LEAST,
      formatItem(term, termWidth, description, helper) {
        const room = (helper.helpWidth ?? 80) - termWidth - 4;
        return room >= LEAST
          ? prototype.formatItem.call(helper, term, termWidth, description, helper)
          : [`  ${term}`, ...(description ? [`      ${description}`] : [])].join('\n');
      },
    });
}
