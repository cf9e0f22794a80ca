/** `npm run bench:compare A B`: compares two runs of `convlet bench`, each a folder or its bench.json. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseRun, showComparison } from '../dist/bench.js';

async function loadRun(path) {
  const file = (await stat(path)).isDirectory() ? join(path, 'bench.json') : path;
  return parseRun(await readFile(file, 'utf8'), file);
}

const [a, b, ...rest] = process.argv.slice(2);
if (a === undefined || b === undefined || rest.length > 0) {
  console.error(
    'Usage: npm run bench:compare A B, two folders of convlet bench or their bench.json',
  );
  process.exitCode = 2;
} else {
  try {
    console.log(showComparison(await loadRun(a), await loadRun(b)));
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
