/**
 * Fashion-MNIST (Xiao, Rasul & Vollgraf 2017), whose files have the names and the sizes of MNIST's and do not say what the classes
 * are: it is known by its first labels.
 * @module
 */
import type { Dataset } from 'convlet';

const NAMES = [
  'T-shirt/top',
  'Trouser',
  'Pullover',
  'Dress',
  'Coat',
  'Sandal',
  'Shirt',
  'Sneaker',
  'Bag',
  'Ankle boot',
];

/** The first labels of both parts, by the number of their images. */
const FIRST_LABELS: Readonly<Record<number, string>> = {
  60000: '9,0,0,3,0,2,7,2,5,5',
  10000: '9,2,1,1,6,1,4,6,5,7',
};

/** The data set, with the names of its classes if it is a part of Fashion-MNIST. */
export function named(dataset: Dataset): Dataset {
  const { labels, shape, classes } = dataset;
  const isFashion =
    String(shape) === '1,28,28' &&
    classes === NAMES.length &&
    String(labels.subarray(0, 10)) === FIRST_LABELS[labels.length];
  return isFashion ? { ...dataset, classNames: NAMES, name: 'Fashion-MNIST' } : dataset;
}
