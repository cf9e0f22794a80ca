/** `convlet/bench`: what the command and the page of the demo are made of. Node and pages alike. @module */
export { type Case, caseName, type Prepared, type Side, type Work } from './case.ts';
export { comparisonChart } from './charts/comparison.ts';
export { type RooflineChart, rooflineChart } from './charts/roofline.ts';
export type {
  ChartOptions,
  PlotDocument,
  PlotLibrary,
} from './charts/style.ts';
export { type Comparison, compareRuns, type RunComparison, showComparison } from './compare.ts';
export { type Figures, figuresOf, machineNoise, ratioToPlain, speedUp } from './figures.ts';
export { cases } from './kernels/index.ts';
export type { Host, Machine } from './machine.ts';
export { runMarkdown } from './markdown.ts';
export type { Timing } from './measure.ts';
export { doubtOf, type Ratio, showRatio, WIDE_SPREAD } from './noise.ts';
export { noiseNotice, runFacts, runSections, type Section } from './page/sections.ts';
export { runStyle } from './page/style.ts';
export { PartTimer } from './parts.ts';
export type { Bandwidth, Reading } from './peak.ts';
export {
  type BenchRun,
  type CaseResult,
  formatRun,
  type Parts,
  parseRun,
  type TrainingResult,
  type WrongCase,
} from './result.ts';
export { type BenchEvent, type BenchOptions, runBench, runCase } from './run.ts';
export {
  type BenchPlan,
  type EffortName,
  firstShapes,
  planBench,
  type Selection,
} from './select.ts';
export { machineLines, showRun } from './show.ts';
export { type Column, kernelTable, NOISE_RULE, type Table, trainingTable } from './table.ts';
export { digits, formatBytes, formatTime, percent } from './text.ts';
export { firstImages } from './training.ts';
export { Workspace } from './workspace.ts';
