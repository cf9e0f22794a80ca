/** From a network in whole numbers to its C program. @module */
import { elementCount } from '../../../base/shape.ts';
import type { IntegerNetwork, Operation } from '../../../model/int8/operations.ts';
import { lastCalls } from '../float/last.ts';
import { frameFunction } from '../frame.ts';
import { placeValues, type Use } from '../places.ts';
import type { Call, CFunction, ConstantData, Program } from '../program.ts';
import { float } from '../text.ts';
import * as functions from './functions.ts';

const frame = frameFunction('int8_t');

/** An operation between its values, as C names them. */
interface Names {
  readonly y: string;
  readonly xs: readonly string[];
  /** Adds a constant of a layer. @returns its name. */
  constant(layer: number | 'input', name: string, data: ConstantData): string;
}

type Arguments = readonly (string | number)[];

/** The function of an operation, and its arguments after the addresses of its output and its input. */
type Row<Kind> = (operation: Kind, names: Names) => readonly [to: CFunction, ...args: Arguments];

const rows: { readonly [Kind in Exclude<Operation, { type: 'view' }> as Kind['type']]: Row<Kind> } =
  {
    add({ zeros, multipliers, yZero, length }, { y, xs }) {
      const summands = xs.flatMap((x, i) => [x, multipliers[i] ?? 0, zeros[i] ?? 0]);
      return [functions.addFunction(xs.length), y, ...summands, yZero, length];
    },
    append({ start, length, multiplier, xZero, yZero }, { y, xs: [x = ''] }) {
      const args = [`${y} + ${start}`, x, multiplier, xZero, yZero, length];
      return [functions.appendFunction, ...args];
    },
    averagePool(
      { layer, sizes, multipliers, shifts, xZero, yZero },
      { y, xs: [x = ''], constant },
    ) {
      const tables = scaling(layer, multipliers, shifts, constant);
      return [functions.averagePoolFunction, y, x, ...tables, xZero, yZero, ...sizes];
    },
    convolve(operation, { y, xs: [x = ''], constant }) {
      const { layer, sizes, weight, bias, multipliers, shifts, xZero, yZero } = operation;
      const tables = [
        ...parameters(layer, weight, bias, constant),
        ...scaling(layer, multipliers, shifts, constant),
      ];
      return [functions.convolveFunction, y, x, ...tables, xZero, yZero, ...sizes];
    },
    dense(operation, { y, xs: [x = ''], constant }) {
      const { layer, weight, bias, multipliers, shifts, xZero, yZero, inputs, units } = operation;
      const tables = [
        ...parameters(layer, weight, bias, constant),
        ...scaling(layer, multipliers, shifts, constant),
      ];
      return [functions.denseFunction, y, x, ...tables, xZero, yZero, inputs, units];
    },
    denseOutput(operation, { y, xs: [x = ''], constant }) {
      const { layer, weight, bias, scales, xZero, inputs, units } = operation;
      const tables = [
        ...parameters(layer, weight, bias, constant),
        constant(layer, 'scale', scales),
      ];
      return [functions.denseOutputFunction, y, x, ...tables, xZero, inputs, units];
    },
    floats: ({ scale, zero, length }, { y, xs: [x = ''] }) => [
      functions.floatsFunction,
      y,
      x,
      float(scale),
      zero,
      length,
    ],
    frame({ input, outH, outW, down, right, zero }, { y, xs: [x = ''] }) {
      return [frame, y, x, ...input, outH, outW, down, right, zero];
    },
    globalAverage(operation, { y, xs: [x = ''] }) {
      const { channels, pixels, multiplier, shift, xZero, yZero } = operation;
      const args = [y, x, multiplier, shift, xZero, yZero, channels, pixels];
      return [functions.globalAverageFunction, ...args];
    },
    lookup: ({ layer, table, length }, { y, xs: [x = ''], constant }) => [
      functions.lookupFunction,
      y,
      x,
      constant(layer, 'table', table),
      length,
    ],
    maxPool: ({ sizes }, { y, xs: [x = ''] }) => [functions.maxPoolFunction, y, x, ...sizes],
    pixels({ shape, table }, { y, constant }) {
      const [channels = 1, ...plane] = shape;
      if (table === undefined) return [functions.bytesFunction, y, 'image', elementCount(shape)];
      const name = constant('input', 'table', table);
      const sizes = [channels, elementCount(plane)];
      return [functions.bytesByTableFunction, y, 'image', name, ...sizes];
    },
  };

/** The program of a network. */
export function int8Program({ operations, lengths, output, last }: IntegerNetwork): Program {
  const constants = new Map<string, ConstantData>();
  const constant: Names['constant'] = (layer, name, data) => {
    const whole = `${layer === 'input' ? layer : `layer${layer}`}_${name}`;
    constants.set(whole, data);
    return whole;
  };
  const { addressOf, length } = placeValues(operations.map(useOf), lengths, { output });
  const calls = operations.flatMap((operation): Call[] => {
    if (operation.type === 'view') return [];
    const { xs, y } = useOf(operation);
    const names = { y: addressOf(y), xs: xs.map(addressOf), constant };
    const [to, ...args] = (rows[operation.type] as Row<Operation>)(operation, names); // the row of its own type
    return [{ to, args }];
  });
  const outputs = lengths[output] ?? 0;
  if (last !== undefined) calls.push(...lastCalls({ type: last }, outputs));
  return {
    calls,
    constants,
    arenaLength: length,
    elementType: 'int8_t',
    elementBytes: 1,
    pixelType: 'uint8_t',
    pixel: 'bytes',
    arithmetic: [
      'Arithmetic: numbers of 8 bits, x = scale * (q - zero); weights of 8 bits with a scale for each output channel;',
      'sums of 32 bits, each scaled by a multiplication and a shift. Floating point is in the output alone.',
    ],
    includes: ['#include <stdint.h>'],
  };
}

function useOf(operation: Operation): Use {
  const xs = operation.type === 'pixels' ? [] : 'xs' in operation ? operation.xs : [operation.x];
  const isInPlace = operation.type === 'add' || operation.type === 'lookup';
  const sharing = operation.type === 'view' ? 'view' : isInPlace ? 'inPlace' : undefined;
  return { xs, y: operation.y, sharing };
}

function parameters(
  layer: number,
  weight: Int8Array,
  bias: Int32Array,
  constant: Names['constant'],
): readonly string[] {
  return [constant(layer, 'weight', weight), constant(layer, 'bias', bias)];
}

function scaling(
  layer: number,
  multipliers: Int32Array,
  shifts: Uint8Array,
  constant: Names['constant'],
): readonly string[] {
  return [constant(layer, 'multiplier', multipliers), constant(layer, 'shift', shifts)];
}
