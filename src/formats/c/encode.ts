/**
 * One C file for small devices: weights and inference in plain C99, without allocation, without a library, also without
 * <math.h>. It takes one image and gives one output.
 *
 *   head: what it is, its bytes, a test vector │ constants │ arena │ functions, only those that are called │ predict │ main
 *
 * Every value has its place in one static arena; values that are never needed at one time share it. Sums go in the order
 * of the textbook's loops, so the last bits differ from those of the kernels. A model in int8 gives a file that computes the
 * same whole numbers as the model itself.
 * @module
 */
import { describe } from '../../base/errors.ts';
import { elementCount, formatShape } from '../../base/shape.ts';
import { Int8Model } from '../../model/int8/int8Model.ts';
import { Model } from '../../model/model.ts';
import { floatProgram } from './float/compile.ts';
import { int8Program } from './int8/compile.ts';
import {
  type Call,
  type CFunction,
  type ConstantData,
  constantBytes,
  functionsOf,
  type Program,
} from './program.ts';
import { comment, float, harmless, wrapped } from './text.ts';

/** How a type of number is written. */
const TYPES: Readonly<Record<string, string>> = {
  Float32Array: 'float',
  Int8Array: 'int8_t',
  Int32Array: 'int32_t',
  Uint8Array: 'uint8_t',
};

/** Pixel i of the picture of the test vector is `(i * 31) % 256`. */
const STEP = 31;

/**
 * The C file of a model. The same model gives the same bytes.
 * @throws {TypeError} if it is no model in memory: its test vector is what the model predicts.
 */
export function encodeC(model: Model): Uint8Array<ArrayBuffer> {
  if (!(model instanceof Model)) {
    throw new TypeError(
      `encodeC: expected a model in memory, got ${describe(model)}. Use createModel or loadModel first.`,
    );
  }
  const program =
    model instanceof Int8Model
      ? int8Program(model.integers)
      : floatProgram({ spec: model.spec, weights: model.weights() });
  const picture = Uint8Array.from(
    { length: elementCount(model.spec.inputShape) },
    (_, i) => (i * STEP) % 256,
  );
  const { data: expected } = model.predict(picture);
  const parts = [
    comment(headOf(model, program, expected)),
    ...(program.includes.length === 0 ? [] : [program.includes.join('\n')]),
    ...Array.from(program.constants, constantText),
    ...(program.arenaLength === 0
      ? []
      : [`static ${program.elementType} arena[${program.arenaLength}];`]),
    ...functionsOf(program.calls).map(({ text }: CFunction) => text),
    predictText(program, picture.length, expected.length),
    testText(program, picture.length, expected),
  ];
  return new TextEncoder().encode(`${parts.join('\n\n')}\n`);
}

function headOf(model: Model, program: Program, expected: Float32Array): readonly string[] {
  const { inputShape, layers } = model.spec;
  const isSoftmax = layers.at(-1)?.type === 'softmax';
  const isNamed = model.classNames?.some((name, label) => name !== String(label)) === true;
  const names = model.classNames?.map((name, label) => `${label} ${harmless(name)}`) ?? [];
  return [
    'A convolutional network, written by Convlet: plain C99 without allocation and without a library.',
    '',
    `  void predict(${parametersOf(program, elementCount(inputShape), expected.length)});`,
    '',
    `image   ${formatShape(inputShape).replaceAll('×', ' x ')} pixels: channels, rows, columns; ${program.pixel}`,
    `output  ${isSoftmax ? `the probabilities of ${expected.length} classes` : `${expected.length} numbers`}`,
    ...(isNamed ? ['classes', ...wrapped(names, '  ').split('\n')] : []),
    `flash   ${constantBytes(program)} bytes of constants, and the code: a few thousand bytes`,
    `RAM     ${program.arenaLength * program.elementBytes} bytes, the arena; and the stack of two functions`,
    '',
    ...program.arithmetic,
    'int has 32 bits at least. The arena is static: one prediction at a time. -Dpredict=NAME gives it another name.',
    '',
    'Layers:',
    ...model
      .summary()
      .split('\n')
      .map((line) => harmless(line.replaceAll('×', 'x'))),
    '',
    `Test vector: pixel i is (i * ${STEP}) % 256${program.elementType === 'float' ? ' / 255' : ''}, and output is`,
    ...wrapped([...expected].map(float), '  ').split('\n'),
    'cc -std=c99 -DCONVLET_TEST model.c && ./a.out    checks it; without CONVLET_TEST there is no main.',
  ];
}

function parametersOf({ pixelType }: Program, pixels: number, outputs: number): string {
  return `const ${pixelType} image[${pixels}], float output[${outputs}]`;
}

function constantText([name, data]: readonly [string, ConstantData]): string {
  const type = TYPES[data.constructor.name];
  const items = data instanceof Float32Array ? [...data].map(float) : [...data];
  return `static const ${type} ${name}[${data.length}] = {\n${wrapped(items, '  ')}\n};`;
}

function predictText(program: Program, pixels: number, outputs: number): string {
  const head = `void predict(${parametersOf(program, pixels, outputs)})`;
  const lines = program.calls.map(({ to, args }: Call) => `  ${to.name}(${args.join(', ')});`);
  return `${head};\n\n${head}\n{\n${lines.join('\n')}\n}`;
}

function testText(program: Program, pixels: number, expected: Float32Array): string {
  const pixel = `(i * ${STEP} % 256)`;
  const value = program.elementType === 'float' ? `(float)${pixel} / 255.0f` : `(uint8_t)${pixel}`;
  return `#ifdef CONVLET_TEST
#include <stdio.h>

int main(void)
{
  static const float expected[${expected.length}] = {
${wrapped([...expected].map(float), '    ')}
  };
  static ${program.pixelType} image[${pixels}];
  static float output[${expected.length}];
  int i, wrong = 0;
  for (i = 0; i < ${pixels}; i++) image[i] = ${value};
  predict(image, output);
  for (i = 0; i < ${expected.length}; i++) {
    const float size = expected[i] < 0.0f ? -expected[i] : expected[i];
    const float error = output[i] < expected[i] ? expected[i] - output[i] : output[i] - expected[i];
    if (!(error <= 1e-5f * (size > 1.0f ? size : 1.0f))) wrong++;
  }
  printf("%d of ${expected.length} outputs are wrong\\n", wrong);
  return wrong > 0;
}
#endif`;
}
