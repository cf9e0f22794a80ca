/** The settings on the page: fields that show them, and tell when the reader changes one. @module */
import { byId, setText } from './dom.ts';
import { DEFAULT_CHOICES, formatChoices, parseChoices } from './networks.ts';
import {
  isOptimizer,
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

const CHOICES = {
  filters: 'choice-filters',
  kernelSize: 'choice-kernel',
  secondFilters: 'choice-second',
  hiddenUnits: 'choice-hidden',
} as const;

/** A name, a few choices, or JSON: the forms for the last two appear when they are needed. */
function connectNetwork(settings: Store<Settings>, change: Change): void {
  const select = byId('network', HTMLSelectElement);
  const choices = byId('choices', HTMLFormElement);
  const json = byId('json', HTMLFormElement);
  const text = byId('json-text', HTMLTextAreaElement);
  const fields = Object.entries(CHOICES).map(
    ([key, id]) => [key, byId(id, HTMLSelectElement)] as const,
  );
  const chosen = () =>
    formatChoices({
      ...DEFAULT_CHOICES,
      ...Object.fromEntries(fields.map(([key, field]) => [key, Number(field.value)])),
    });
  select.addEventListener('change', () => {
    json.hidden = select.value !== 'json';
    choices.hidden = select.value !== 'choices';
    if (select.value === 'choices') change({ network: chosen() });
    else if (select.value !== 'json') change({ network: select.value });
    else text.focus();
  });
  choices.addEventListener('change', () => change({ network: chosen() }));
  json.addEventListener('submit', (event) => {
    event.preventDefault();
    change({ network: text.value.replaceAll(/\s+/g, ' ') });
  });
  settings.watch(({ network }, before) => {
    const parts = parseChoices(network);
    const kind = parts ? 'choices' : network.startsWith('{') ? 'json' : network;
    if (network !== before.network || select.value === '' || select.value !== 'json') {
      select.value = kind;
      choices.hidden = kind !== 'choices';
      json.hidden = kind !== 'json';
    }
    for (const [key, field] of fields) {
      field.value = String((parts ?? DEFAULT_CHOICES)[key as keyof typeof CHOICES]);
    }
  });
}
