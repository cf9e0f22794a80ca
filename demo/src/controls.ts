/** The settings on the page: fields that show them, and tell when the reader changes one. @module */
import { byId, choose, make, setText } from './dom.ts';
import { connectNetwork } from './networkForm.ts';
import {
  defaultsFor,
  isOptimizer,
  OPTIMIZERS,
  type Pace,
  parseField,
  type Settings,
  usualLearningRate,
} from './settings.ts';
import type { Store } from './store.ts';

/** Connects the fields with the settings, both ways. */
export function connectControls(settings: Store<Settings>): void {
  const change = (part: Partial<Settings>) => settings.set({ ...settings.value, ...part });
  connectRate(settings, change);
  connectOptimizer(settings, change);
  connectNumber('batch', settings, 'batchSize', change);
  connectNumber('epochs', settings, 'epochs', change);
  connectNumber('seed', settings, 'seed', change);
  connectMore(settings, change);
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

/** The fields that most readers do not need: they are in sight if one of them is not as usual. */
function connectMore(settings: Store<Settings>, change: Change): void {
  const details = byId('more', HTMLDetailsElement);
  const schedule = byId('schedule', HTMLSelectElement);
  schedule.addEventListener('change', () => change({ schedule: schedule.value }));
  settings.watch((value) => {
    choose(schedule, value.schedule);
    const keys = ['schedule', 'shift', 'rotate', 'patience', 'samples'] as const;
    const usual = defaultsFor(value.network);
    if (keys.some((key) => value[key] !== usual[key])) details.open = true;
  });
  connectNumber('shift', settings, 'shift', change);
  connectNumber('rotate', settings, 'rotate', change);
  connectNumber('patience', settings, 'patience', change);
  connectNumber('samples', settings, 'samples', change);
}

function connectNumber(
  id: string,
  settings: Store<Settings>,
  key: keyof typeof parseField,
  change: Change,
): void {
  const input = byId(id, HTMLInputElement);
  input.addEventListener('change', () => {
    const value = parseField[key](input.value);
    if (value === undefined) {
      const got = input.value === '' ? 'nothing' : input.value;
      input.value = String(settings.value[key]);
      input.setCustomValidity(
        `Expected a whole number from ${input.min} to ${input.max}, got ${got}.`,
      );
      input.reportValidity(); // in a bubble at the field
    } else change({ [key]: value });
  });
  input.addEventListener('input', () => input.setCustomValidity(''));
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
