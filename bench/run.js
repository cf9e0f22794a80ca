/**
 * `npm run bench`: every kernel verified and timed, then training. Figures go to stdout, progress to stderr.
 * Options: --only PATTERN, --quick, --json FILE.
 */
import { parseArgs } from 'node:util';
import { runBench, saveRun, showRun } from '../dist/bench/index.js';

const USAGE = 'Usage: npm run bench -- [--only PATTERN] [--quick] [--json FILE]';

/** The arguments, or undefined, said on stderr, where they cannot be understood. */
function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: 'string' },
        quick: { type: 'boolean' },
        json: { type: 'string' },
        help: { type: 'boolean' },
      },
    });
    return {
      ...values,
      only: values.only === undefined ? undefined : new RegExp(values.only, 'i'),
    };
  } catch (error) {
    console.error(`bench: ${error.message}\n${USAGE}`);
    return undefined;
  }
}

/** One line that is overwritten, on a terminal; nothing elsewhere. */
function showProgress(done, total, name) {
  if (!process.stderr.isTTY) return;
  process.stderr.write(`\r\u001b[K${done + 1}/${total} ${name}`);
}

async function main({ only, quick, json }) {
  const run = await runBench({ ...(only && { only }), quick, onProgress: showProgress });
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  console.log(showRun(run));
  if (json !== undefined) await saveRun(json, run);
  if (run.wrong.length > 0) process.exitCode = 1;
}

const options = readArguments();
if (options === undefined) {
  process.exitCode = 2;
} else if (options.help) {
  console.log(USAGE);
} else {
  try {
    await main(options);
  } catch (error) {
    console.error(error.message);
    process.exitCode = error instanceof RangeError ? 2 : 1;
  }
}
