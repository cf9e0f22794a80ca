/** The forms of the network: a name, a few choices, or JSON; the last two appear when they are needed. @module */
import type { ModelSpec } from 'convlet';
import { byId, choose } from './dom.ts';
import { type Choices, DEFAULT_CHOICES, formatChoices, parseChoices } from './networks.ts';
import type { Settings } from './settings.ts';
import type { Store } from './store.ts';

const FIELDS: Readonly<Record<keyof Choices, string>> = {
  filters: 'choice-filters',
  kernelSize: 'choice-kernel',
  secondFilters: 'choice-second',
  hiddenUnits: 'choice-hidden',
  dropout: 'choice-dropout',
};

type Change = (part: Pick<Settings, 'network'>) => void;

/** Connects the forms with the settings, both ways. */
export function connectNetwork(settings: Store<Settings>, change: Change): void {
  const select = byId('network', HTMLSelectElement);
  const choices = byId('choices', HTMLFormElement);
  const json = byId('json', HTMLFormElement);
  const text = byId('json-text', HTMLTextAreaElement);
  const open = (kind: string) => {
    choose(select, kind);
    choices.hidden = kind !== 'choices';
    json.hidden = kind !== 'json';
  };
  select.addEventListener('change', () => {
    open(select.value);
    if (select.value === 'choices') change({ network: chosen() });
    else if (select.value !== 'json') change({ network: select.value });
    else {
      text.focus();
      text.setSelectionRange(0, 0);
      text.scrollTop = 0;
    }
  });
  const named = new Set(Array.from(select.options, ({ value }) => value));
  const isNamed = (network: string) => named.has(network);
  choices.addEventListener('change', () => change({ network: chosen() }));
  let isSubmitted = false;
  json.addEventListener('submit', (event) => {
    event.preventDefault();
    isSubmitted = true;
    change({ network: text.value.trim().replaceAll(/\s+/g, ' ') }); // refused, the network before comes back meanwhile
    isSubmitted = false;
  });
  settings.watch(({ network }, before) => {
    const parts = parseChoices(network);
    // the reader who has opened a form keeps it: the JSON while other settings change or it is refused, the choices whatever is chosen
    const isChosen = select.value === 'choices' && parts !== undefined;
    const isEdited = isSubmitted || (select.value === 'json' && network === before.network);
    if (!isChosen && !isEdited) open(isNamed(network) ? network : kindOf(network));
    show(parts ?? DEFAULT_CHOICES);
  });
}

/** Writes the network of this moment where JSON is edited, a layer a line. */
export function showSpec({ inputShape, normalize, layers }: ModelSpec): void {
  const lines = layers.map((layer) => `    ${JSON.stringify(layer)}`);
  const pixels = normalize ? `  "normalize": ${JSON.stringify(normalize)},\n` : '';
  byId('json-text', HTMLTextAreaElement).value =
    `{\n  "inputShape": ${JSON.stringify(inputShape)},\n${pixels}  "layers": [\n${lines.join(',\n')}\n  ]\n}`;
}

function kindOf(network: string): string {
  if (parseChoices(network) !== undefined) return 'choices';
  return network.startsWith('{') ? 'json' : network;
}

function chosen(): string {
  const values = Object.entries(FIELDS).map(([key, id]) => [
    key,
    Number(byId(id, HTMLSelectElement).value),
  ]);
  return formatChoices({ ...DEFAULT_CHOICES, ...Object.fromEntries(values) });
}

function show(choices: Choices): void {
  for (const [key, id] of Object.entries(FIELDS)) {
    choose(byId(id, HTMLSelectElement), String(choices[key as keyof Choices]));
  }
}
