/** `npm run bench:compare A B`: two runs saved with `npm run bench -- --json FILE`, beside each other. */
import { loadRun, showComparison } from '../dist/bench/index.js';

const [a, b, ...rest] = process.argv.slice(2);
if (a === undefined || b === undefined || rest.length > 0) {
  console.error('Usage: npm run bench:compare A.json B.json');
  process.exitCode = 2;
} else {
  try {
    console.log(showComparison(await loadRun(a), await loadRun(b)));
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
