/** Data sets in IDX files: two files are divided; of four, those that say `train` in their names are for training. @module */
import { type Dataset, parseIdxDataset, splitDataset } from 'convlet';
import type { Digits } from '../digits.ts';
import type { NamedFile } from '../fileKind.ts';
import { named } from './fashion.ts';

/** @throws {Error} if they are no such files, or do not belong together. */
export function digitsOfIdx(files: readonly NamedFile[]): Digits {
  const isTraining = ({ name }: NamedFile) => /train/i.test(name);
  if (files.length === 4 && files.filter(isTraining).length === 2) {
    return {
      train: datasetOf(files.filter(isTraining)),
      test: datasetOf(files.filter((file) => !isTraining(file))),
    };
  }
  const all = datasetOf(files);
  const tenth = Math.min(1000, Math.ceil(all.labels.length / 10));
  return splitDataset(all, Math.max(tenth, new Set(all.labels).size), 1); // each class is in both parts
}

function datasetOf(files: readonly NamedFile[]): Dataset {
  const images = files.find(({ kind }) => kind === 'images');
  const labels = files.find(({ kind }) => kind === 'labels');
  if (files.length !== 2 || images === undefined || labels === undefined) {
    const names = files.map(({ name }) => name).join(', ');
    throw new Error(
      `IDX: expected a file of images and one of labels, or four with train in the names of two, got ${names}. Drop them together.`,
    );
  }
  const classes = labels.bytes.subarray(8).reduce((most, label) => Math.max(most, label), 0) + 1;
  const name = images.name.replace(/[-.](images|idx).*$/, '');
  return named(parseIdxDataset(images, labels, classes, name));
}
