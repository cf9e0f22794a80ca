/** `convlet/bench`: the parts of the command `convlet bench` and of the demo's page. For Node and pages. @module */
export { type Case, caseName, type Prepared, type Side, type Work } from './bench/case.ts';
export { comparisonChart } from './bench/charts/comparison.ts';
export { type RooflineChart, rooflineChart } from './bench/charts/roofline.ts';
export type {
  ChartOptions,
  PlotDocument,
  PlotLibrary,
} from './bench/charts/style.ts';
export {
  type Comparison,
  compareRuns,
  type RunComparison,
  showComparison,
} from './bench/compare.ts';
export { type Figures, figuresOf, machineNoise, ratioToPlain, speedUp } from './bench/figures.ts';
export { cases } from './bench/kernels/index.ts';
export type { Host, Machine } from './bench/machine.ts';
export { runMarkdown } from './bench/markdown.ts';
export { median, spreadOf, type Timing } from './bench/measure.ts';
export { doubtOf, type Ratio, showRatio, WIDE_SPREAD } from './bench/noise.ts';
export { noiseNotice, runFacts, runSections, type Section } from './bench/page/sections.ts';
export { runStyle } from './bench/page/style.ts';
export { PartTimer } from './bench/parts.ts';
export type { Bandwidth, Reading } from './bench/peak.ts';
export {
  type BenchRun,
  type CaseResult,
  formatRun,
  type Parts,
  parseRun,
  type TrainingResult,
  type WrongCase,
} from './bench/result.ts';
export { type BenchEvent, type BenchOptions, runBench, runCase } from './bench/run.ts';
export {
  type BenchPlan,
  type EffortName,
  firstShapes,
  planBench,
  type Selection,
} from './bench/select.ts';
export { machineLines, showRun } from './bench/show.ts';
export { type Column, kernelTable, NOISE_RULE, type Table, trainingTable } from './bench/table.ts';
export { digits, formatBytes, formatTime, percent } from './bench/text.ts';
export { firstImages } from './bench/training.ts';
export { Workspace } from './bench/workspace.ts';
