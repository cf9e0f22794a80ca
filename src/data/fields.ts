/** The fields of a data set, which may be getters of a class: a spread leaves these out. @module */
import type { Dataset, ValueDataset } from '../base/types.ts';

/** The fields that are there, in an object of their own. */
export function fieldsOf<Data extends Dataset | ValueDataset>(dataset: Data): Data {
  const { images, shape, name, preparation, labels, classes, classNames, targets, weights } =
    dataset as Partial<Dataset & ValueDataset>;
  const fields = {
    images,
    shape,
    name,
    preparation,
    labels,
    classes,
    classNames,
    targets,
    weights,
  };
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as unknown as Data; // the same fields
}
