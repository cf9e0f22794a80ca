/** Buttons that hand out files, and the line beside them that says which. @module */
import { byId, onClick, setText } from './dom.ts';
import { type Download, downloadAll } from './download.ts';
import { wordsOf } from './errors.ts';

/** Makes the files of a button. What it throws is told. */
export type MakeFiles = () => Promise<readonly Download[]>;

/** Connects the buttons of these ids. What was saved, or why nothing was, stands in `take-note`. */
export function connectSaveButtons(makers: Readonly<Record<string, MakeFiles>>): void {
  const note = byId('take-note', HTMLElement);
  for (const [id, makeFiles] of Object.entries(makers)) {
    onClick(id, async () => {
      try {
        const files = await makeFiles();
        await downloadAll(files);
        setText(note, `Saved ${files.map(({ name }) => name).join(' and ')}.`);
      } catch (error) {
        setText(note, wordsOf(error));
      }
    });
  }
}
