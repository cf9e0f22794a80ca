/**
 * `npm run test:engines`: compares the weights of every engine, and times an epoch there. The table goes to stdout,
 * progress to stderr. The exit code is 1 if weights differ, an engine fails, or, with `CI` set, an engine is missing; with
 * `--time` also if an epoch in Chromium takes more than 1.3 times as long as in Node.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { isContinuousIntegration } from '../support/browser.ts';
import { writeDigits } from './digits.ts';
import { COMPARED, measure, TIMED } from './measure.ts';
import { describeMachine, isAsPromised, type Report, ratioLines, tableLines } from './report.ts';
import { startEngines } from './roster.ts';

const USAGE = `Usage: npm run test:engines -- [--time] [--only PATTERN] [--json FILE]
  --time          trains longer and in turns, and compares Chromium's time with Node's
  --only PATTERN  engines whose name matches
  --json FILE     saves the table`;

interface Options {
  readonly time: boolean;
  readonly only: RegExp;
  readonly json: string | undefined;
  readonly help: boolean;
}

/** The arguments, or undefined, with a message on stderr, if they cannot be understood. */
function readArguments(): Options | undefined {
  try {
    const { values } = parseArgs({
      options: {
        time: { type: 'boolean', default: false },
        only: { type: 'string', default: '' },
        json: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
    return { ...values, only: new RegExp(values.only, 'i'), json: values.json };
  } catch (error) {
    console.error(`test:engines: ${error instanceof Error ? error.message : error}\n${USAGE}`);
    return undefined;
  }
}

/** Prints one line that is overwritten on a terminal, and nothing elsewhere. */
function showProgress(done: number, total: number, what: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${done + 1}/${total} ${what}`);
}

async function makeReport({ time, only }: Options): Promise<Report> {
  const plan = time ? TIMED : COMPARED;
  const machine = describeMachine();
  const digits = await writeDigits();
  const engines = await startEngines(digits.path, only);
  try {
    const rows = await measure(engines, plan, showProgress);
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
    return {
      date: new Date().toISOString(),
      machine,
      data: { name: digits.name, sha256: digits.sha256 },
      plan,
      rows,
      missing: engines.filter((engine) => 'missing' in engine),
    };
  } finally {
    await Promise.all(engines.map((engine) => ('close' in engine ? engine.close() : undefined)));
    digits.remove();
  }
}

async function main(options: Options): Promise<void> {
  const report = await makeReport(options);
  console.log(tableLines(report).join('\n'));
  if (options.time) console.log(['', ...ratioLines(report)].join('\n'));
  if (options.json !== undefined) {
    writeFileSync(options.json, `${JSON.stringify(report, undefined, 2)}\n`);
  }
  if (!isAsPromised(report, isContinuousIntegration(), options.time)) process.exitCode = 1;
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
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
