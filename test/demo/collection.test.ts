/** What a visitor has collected: a change that cannot be is refused, and the collection stays as it was. */
import { expect, it } from 'vitest';
import {
  addClass,
  addPicture,
  emptyCollection,
  MOST_PICTURES,
  removeClass,
  renameClass,
  reserve,
} from '../../demo/src/learn/collection.ts';

const empty = emptyCollection();
const [first] = empty;
const id = first?.id ?? -1;

it('refuses a class without a name, and a name that another class has', () => {
  const named = renameClass(empty, id, ' cat ');
  expect(named.map(({ name }) => name)).toEqual(['cat', 'Class 2']);
  expect(renameClass(named, id, 'cat')).toEqual(named); // its own name
  expect(() => renameClass(named, id, '  ')).toThrow('A class needs a name.');
  expect(() => renameClass(named, id, 'Class 2')).toThrow('There is a class Class 2 already.');
});

it('refuses a picture more than a class may have, and takes one for another class', () => {
  const pixels = new Uint8Array(3);
  let full = empty;
  for (let i = 0; i < MOST_PICTURES; i++) full = addPicture(full, id, pixels);
  expect(full[0]?.pictures).toHaveLength(MOST_PICTURES);
  expect(() => addPicture(full, id, pixels)).toThrow(
    `Class 1 has ${MOST_PICTURES} pictures, the most that a class may have. Remove some.`,
  );
  expect(addPicture(full, full[1]?.id ?? -1, pixels)[1]?.pictures).toHaveLength(1);
});

it('gives no class the id of another, whether that was removed or a network knows it', () => {
  const three = addClass(empty);
  const removed = three[2]?.id ?? -1;
  const added = addClass(removeClass(three, removed))[2]?.id;
  expect(added).toBeGreaterThan(removed);
  reserve([500, 7]);
  expect(addClass(three)[3]?.id).toBe(501);
});
