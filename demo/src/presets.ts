/**
 * Experiments with a name: links that state every setting, each with a sentence on what to look at. A plain click begins one
 * in this page, on the pictures that are in it.
 * @module
 */
import { byId, make } from './dom.ts';
import { DEFAULTS, type Settings, spellSettings, THESIS } from './settings.ts';
import type { Store } from './store.ts';
import { worded } from './wording.ts';

export interface Preset {
  readonly name: string;
  /** What to look at. */
  readonly look: string;
  readonly settings: Settings;
}

const PRESETS: readonly Preset[] = [
  {
    name: 'Reads what you draw',
    look: 'Draw while it learns: after some seconds hardly a digit is misread.',
    settings: DEFAULTS,
  },
  {
    name: 'The thesis’s network',
    look: 'One convolution and plain gradient descent, slow enough to watch its filters form.',
    settings: THESIS,
  },
  {
    name: 'Rate too high',
    look: 'The loss falls, then leaps up: after two epochs every map is blank, and every picture gets the same answer.',
    settings: { ...THESIS, optimizer: 'momentum', learningRate: 1, epochs: 5 },
  },
  {
    name: 'Dead ReLU',
    look: 'Most maps go blank within an epoch, and for good: large steps made their sums negative, and ReLU passes no gradient back.',
    settings: { ...THESIS, learningRate: 1, epochs: 5 },
  },
  {
    name: 'Overfitting on 100 digits',
    look: 'Of the training digits it soon reads all, of the test digits far fewer: the two curves part.',
    settings: {
      ...THESIS,
      optimizer: 'momentum',
      batchSize: 10,
      samples: 100,
      epochs: 100,
      pace: 'full',
    },
  },
  {
    name: 'Tiny filters',
    look: 'A filter of one pixel sees no shape: its maps are the picture, only lighter or darker.',
    settings: { ...THESIS, network: 'conv12x1', learningRate: 0.1 },
  },
  {
    name: 'LeNet-5',
    look: 'The network of 1998: two convolutions, then two hidden layers that sum up what they found.',
    settings: {
      ...THESIS,
      network: 'lenet5',
      optimizer: 'momentum',
      learningRate: 0.05,
      pace: 'full',
    },
  },
  {
    name: 'ResNet-8',
    look: 'Ways around layers meet again in sums: deep, slow to compute, and soon the best reader.',
    settings: {
      ...THESIS,
      network: 'resnet8',
      optimizer: 'adamw',
      learningRate: 0.002,
      batchSize: 64,
      pace: 'full',
    },
  },
];

/** Lists them, and marks the one that is under way. */
export function connectPresets(settings: Store<Settings>, begin: (preset: Preset) => void): void {
  const links = PRESETS.map((preset) => {
    const href = `?${spellSettings(preset.settings)}`;
    const link = make('a', { href }, ...worded(preset.name));
    link.addEventListener('click', (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return; // another tab
      event.preventDefault();
      begin(preset);
    });
    return {
      href,
      link,
      item: make('li', {}, link, make('p', { class: 'note' }, ...worded(preset.look))),
    };
  });
  byId('presets', HTMLUListElement).append(...links.map(({ item }) => item));
  settings.watch((value) => {
    const current = `?${spellSettings(value)}`;
    for (const { href, link } of links) {
      if (href === current) link.setAttribute('aria-current', 'true');
      else link.removeAttribute('aria-current');
    }
  });
}
