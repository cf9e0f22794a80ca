/** The options of a script: --help prints the comment at the head of its file, and a wrong option costs one line. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';

const [, script = ''] = process.argv;

/** @param options As of `parseArgs`. @returns their values; ends the process after --help or a wrong option. */
export function optionsOf(options) {
  try {
    const { values } = parseArgs({ options: { ...options, help: { type: 'boolean' } } });
    if (!values.help) return values;
  } catch (error) {
    process.stderr.write(
      `${basename(script, '.js')}: ${error.message.replace(/\.?$/, '.')} See --help.\n`,
    );
    process.exit(2);
  }
  process.stdout.write(`${headOf(readFileSync(script, 'utf8'))}\n`);
  process.exit(0);
}

/** The first doc comment, without its stars. */
function headOf(source) {
  const [, comment = ''] = /\/\*\*(.*?)\*\//s.exec(source) ?? [];
  return comment.replace(/^ \* ?/gm, '').trim();
}
