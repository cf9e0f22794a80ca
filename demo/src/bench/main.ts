/** The page that measures: a run at a time, in a worker, and what came of the last one. @module */
import type { BenchEvent, BenchRun, EffortName } from 'convlet/bench';
import { formatTime, ratioToPlain, runStyle, showRatio } from 'convlet/bench';
import { byId, setText } from '../dom.ts';
import { wordsOf } from '../errors.ts';
import { count } from '../numbers.ts';
import { createTheme } from '../theme.ts';
import { describeHost } from './host.ts';
import type { Reply, Request } from './messages.ts';
import { ResultView } from './resultView.ts';

/** More would not say more: the first question is what a second thread gains. */
const MOST_THREADS = 2;

const runButton = byId('run', HTMLButtonElement);
const stopButton = byId('stop', HTMLButtonElement);
const effort = byId('effort', HTMLSelectElement);
const filter = byId('filter', HTMLInputElement);
const progress = byId('progress', HTMLProgressElement);
const progressText = byId('progress-text', HTMLElement);
const errorText = byId('error', HTMLElement);
const result = new ResultView();

createTheme();
adoptStyle();
setText(
  byId('clock', HTMLElement),
  crossOriginIsolated
    ? 'This page is cross-origin isolated: its clock has steps of some microseconds, and it may use threads.'
    : 'This page is not cross-origin isolated: its clock has coarse steps, so that samples must be longer, and there are no threads.',
);
byId('form', HTMLFormElement).addEventListener('submit', (event) => {
  event.preventDefault();
  void measure(effort.value as EffortName);
});

/** The style comes with the package as text, and a strict policy forbids style elements, but not this. */
function adoptStyle(): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(runStyle);
  document.adoptedStyleSheets.push(sheet);
}

async function measure(chosen: EffortName): Promise<void> {
  setBusy(true);
  setText(errorText, '');
  setText(progressText, 'Reading what this machine can do …');
  try {
    const run = await runInWorker({
      type: 'run',
      effort: chosen,
      filter: filter.value.trim(),
      host: describeHost(),
      threads: Math.min(MOST_THREADS, navigator.hardwareConcurrency),
    });
    setText(progressText, `${count(run.cases.length + run.training.length, 'result')}.`);
    await result.show(run);
  } catch (error) {
    setText(progressText, '');
    setText(errorText, wordsOf(error));
  } finally {
    setBusy(false);
  }
}

async function runInWorker(request: Request): Promise<BenchRun> {
  const worker = new Worker(new URL('./benchWorker.ts', import.meta.url), { type: 'module' });
  const stop = () => {
    worker.postMessage({ type: 'stop' } satisfies Request);
    setText(progressText, 'Stopping after this case …');
  };
  stopButton.addEventListener('click', stop);
  try {
    return await new Promise<BenchRun>((resolve, reject) => {
      worker.onmessage = ({ data }: MessageEvent<Reply>) => {
        if (data.type === 'event') follow(data.event);
        else if (data.type === 'done') resolve(data.run);
        else reject(new Error(data.message));
      };
      worker.onerror = ({ message }) => reject(new Error(message || 'bench: the worker ended.'));
      worker.postMessage(request);
    });
  } finally {
    stopButton.removeEventListener('click', stop);
    worker.terminate();
  }
}

function follow(event: BenchEvent): void {
  if (event.event === 'begin') {
    progress.max = event.total;
    progress.value = event.done;
    setText(progressText, `${event.done + 1} of ${event.total}: ${event.name}`);
  } else if (event.event === 'case') {
    const ratio = showRatio(ratioToPlain(event), (value) => `${value.toFixed(1)}× JavaScript`);
    const time = formatTime(event.timing.milliseconds);
    setText(progressText, `${event.kernel} ${event.shape}: ${time}, ${ratio}`);
  }
}

function setBusy(isBusy: boolean): void {
  runButton.disabled = isBusy;
  effort.disabled = isBusy;
  filter.disabled = isBusy;
  stopButton.disabled = !isBusy;
  if (!isBusy) progress.value = 0;
}
