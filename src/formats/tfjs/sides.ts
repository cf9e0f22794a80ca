/** Zeros around images, crops, and what of both TensorFlow calls 'same'. @module */
import type { Sides } from '../../base/types.ts';
import { fourSides } from '../../base/window.ts';
import { hasSides, type SidesOf, type Window } from '../window.ts';
import { addLayer, type Place, type Value } from './topology.ts';

/** Zeros around an image, if there are any. */
export function addPadding(place: Place, sides: SidesOf): Value {
  const { top, left, bottom, right } = sides;
  return hasSides(sides) ? addZeros(place, [top, left, bottom, right]) : place.x;
}

export function addZeros(place: Place, sides: Sides): Value {
  const config = { padding: bySides(sides), data_format: 'channels_last' };
  return { ...place.x, layer: addLayer(place, 'ZeroPadding2D', 'zero_padding2d', config) };
}

export function addCropping(place: Place, sides: Sides, from: Value): Value {
  const config = { cropping: bySides(sides), data_format: 'channels_last' };
  return { ...from, layer: addLayer(place, 'Cropping2D', 'cropping2d', config, [from]) };
}

/** Before and after, for rows and for columns. */
function bySides(sides: Sides): number[][] {
  const [top, left, bottom, right] = fourSides(sides);
  return [
    [top, bottom],
    [left, right],
  ];
}

export function sameWindow(a: Window, b: Window): boolean {
  return JSON.stringify([a.sides, a.output]) === JSON.stringify([b.sides, b.output]);
}
