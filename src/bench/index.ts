/** What a bench command is made of. @module */
export { type Case, caseName, type Prepared, type Side, type Work } from './case.ts';
export { type Comparison, compareRuns, type RunComparison, showComparison } from './compare.ts';
export { cases } from './kernels/index.ts';
export { PartTimer } from './parts.ts';
export { type BenchRun, loadRun, saveRun } from './result.ts';
export { type BenchOptions, runBench, runCase } from './run.ts';
export { showRun } from './show.ts';
export { firstImages } from './training.ts';
export { Workspace } from './workspace.ts';
