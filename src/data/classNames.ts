/** Classes by their names: sorted distinct labels, or names that are given. @module */
import { describe } from '../base/errors.ts';

/** How labels are sorted: as texts by their characters, or as numbers if they all are numbers. */
export type LabelOrder = 'text' | 'number';

/** The distinct labels in their order. */
export function distinctLabels(labels: Iterable<string>, order: LabelOrder): string[] {
  const names = [...new Set(labels)];
  if (order === 'number' && names.every(isNumber)) {
    return names.sort((a, b) => Number(a) - Number(b));
  }
  return names.sort(); // by UTF-16 units: the same in every language
}

/**
 * The names of the classes, in order, and the class of each label.
 *
 * Names that are given set the order. If all labels are among them, a label is found by its name, and a class may have no
 * image. Labels that are numbers may be named anew: then there is one name for each of them, in their order.
 *
 * @throws {RangeError} if the names do not fit the labels.
 */
export function nameClasses(
  where: string,
  found: readonly string[],
  given: readonly string[] | undefined,
): { readonly names: readonly string[]; readonly classOf: ReadonlyMap<string, number> } {
  const names = given ?? found;
  const byName = new Map(names.map((name, index) => [name, index]));
  const foreign = found.find((label) => !byName.has(label));
  if (foreign === undefined) return { names, classOf: byName };
  if (found.every(isNumber) && found.length === names.length) {
    return { names, classOf: new Map(found.map((label, index) => [label, index])) };
  }
  throw new RangeError(
    `${where}: expected classes of ${listOf(names)}, got ${describe(foreign)} among ${found.length} classes. Name every class that the data have.`,
  );
}

/** The smallest array of labels that holds so many classes. */
export function emptyLabels(count: number, classes: number): Uint8Array | Uint16Array | Int32Array {
  if (classes <= 2 ** 8) return new Uint8Array(count);
  return classes <= 2 ** 16 ? new Uint16Array(count) : new Int32Array(count);
}

/** The first of them, for a message. */
export function listOf(names: readonly string[]): string {
  const first = names.slice(0, 8).map((name) => describe(name));
  return first.join(', ') + (names.length > 8 ? `, … (${names.length})` : '');
}

function isNumber(text: string): boolean {
  return text.trim() !== '' && Number.isFinite(Number(text));
}
