/** The settings on the page: fields that show them, and tell when the reader changes one. @module */
import { byId, make, setText } from './dom.ts';
import { connectNetwork } from './networkForm.ts';
import {
  isOptimizer,
  OPTIMIZERS,
  type Pace,
  parseBatchSize,
  parseEpochs,
  parseSeed,
  type Settings,
  usualLearningRate,
} from './settings.ts';
import type { Store } from './store.ts';

/** Connects the fields with the settings, both ways. */
export function connectControls(settings: Store<Settings>): void {
  const change = (part: Partial<Settings>) => settings.set({ ...settings.value, ...part });
  connectRate(settings, change);
  connectOptimizer(settings, change);
  connectNumber('batch', parseBatchSize, settings, 'batchSize', change);
  connectNumber('epochs', parseEpochs, settings, 'epochs', change);
  connectNumber('seed', parseSeed, settings, 'seed', change);
  connectPace(settings, change);
  connectNetwork(settings, change);
}

type Change = (part: Partial<Settings>) => void;

/** Of the slider, the power of ten; the rate itself is kept to two digits that mean something. */
function connectRate(settings: Store<Settings>, change: Change): void {
  const slider = byId('rate', HTMLInputElement);
  const output = byId('rate-value', HTMLOutputElement);
  slider.addEventListener('input', () => {
    change({ learningRate: Number((10 ** Number(slider.value)).toPrecision(2)) });
  });
  settings.watch(({ learningRate }) => {
    const shown = Number((10 ** Number(slider.value)).toPrecision(2));
    if (shown !== learningRate) slider.value = String(Math.log10(learningRate));
    setText(output, String(learningRate));
    slider.setAttribute('aria-valuetext', String(learningRate));
  });
}

/** Another optimizer brings its usual learning rate along. */
function connectOptimizer(settings: Store<Settings>, change: Change): void {
  const select = byId('optimizer', HTMLSelectElement);
  const named = new Set(Array.from(select.options, ({ value }) => value));
  const others = OPTIMIZERS.filter((type) => !named.has(type));
  select.append(...others.map((value) => make('option', { value }, value)));
  select.addEventListener('change', () => {
    const optimizer = select.value;
    if (isOptimizer(optimizer)) change({ optimizer, learningRate: usualLearningRate(optimizer) });
  });
  settings.watch(({ optimizer }) => {
    select.value = optimizer;
  });
}

function connectNumber<Key extends 'batchSize' | 'epochs' | 'seed'>(
  id: string,
  parse: (text: string) => number | undefined,
  settings: Store<Settings>,
  key: Key,
  change: Change,
): void {
  const input = byId(id, HTMLInputElement);
  input.addEventListener('change', () => {
    const value = parse(input.value);
    if (value === undefined) input.value = String(settings.value[key]);
    else change({ [key]: value });
  });
  settings.watch((value) => {
    input.value = String(value[key]);
  });
}

function connectPace(settings: Store<Settings>, change: Change): void {
  const radios = [...document.querySelectorAll<HTMLInputElement>('input[name="pace"]')];
  for (const radio of radios) {
    radio.addEventListener('change', () => change({ pace: radio.value as Pace })); // index.html has its names
  }
  settings.watch(({ pace }) => {
    for (const radio of radios) radio.checked = radio.value === pace;
  });
}
