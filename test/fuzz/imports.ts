/** Targets: models of other programs; damaged as bytes, and rewritten by someone who knows the format. */
import { createBackend, createModel, layers, type ModelSpec } from 'convlet';
import fc from 'fast-check';
import { decodeModel, encodeModel } from '../../src/formats/convlet/modelFile.ts';
import type { ImportedModel } from '../../src/formats/network/imported.ts';
import { decodeOnnx } from '../../src/formats/onnx/decode.ts';
import { encodeOnnx } from '../../src/formats/onnx/encode.ts';
import { onnx } from '../../src/formats/onnx/messages.js';
import { decodeTfjs } from '../../src/formats/tfjs/decode.ts';
import { encodeTfjs } from '../../src/formats/tfjs/encode.ts';
import { drawn, fileOf, node, whole } from '../support/onnxGraphs.ts';
import { expectSame, fileTarget } from './files.ts';
import type { Target } from './harness.ts';
import { type HostileText, hasRepeatedKey, hostileJson, showText } from './json.ts';

const specs: readonly ModelSpec[] = [
  {
    inputShape: [1, 4, 4],
    normalize: { mean: [0.5], deviation: [0.25] },
    layers: [
      layers.conv2d({ filters: 2, kernelSize: 2, name: 'first' }),
      layers.batchNorm(),
      layers.relu(),
      layers.maxPool2d({ poolSize: 2, strides: 1 }),
      layers.flatten(),
      layers.dense({ units: 2 }),
      layers.softmax(),
    ],
  },
  {
    inputShape: [2, 5, 4],
    layers: [
      layers.depthwiseConv2d({ kernelSize: 3, padding: 1, name: 'a', useBias: false }),
      layers.gelu({ name: 'g' }),
      layers.add({ name: 'b', inputs: ['input', 'g'] }),
      layers.groupNorm({ groups: 2 }),
      layers.averagePool2d({ poolSize: 2, padding: [0, 1, 0, 0], countIncludePad: true }),
      layers.upsample2d(),
      layers.reshape({ shape: [4, -1] }),
      layers.flatten(),
      layers.prelu(),
      layers.dense({ units: 3 }),
    ],
  },
  {
    inputShape: [3, 4, 4],
    layers: [
      layers.conv2dTranspose({ filters: 4, kernelSize: 2, strides: 2, name: 't' }),
      layers.globalAveragePool2d(),
      layers.dense({ units: 4 }),
      layers.hardSigmoid({ name: 'gate' }),
      layers.multiply({ name: 'm', inputs: ['t', 'gate'] }),
      layers.concat({ inputs: ['t', 'm', 't'] }),
      layers.zeroPad2d({ padding: [0, 1, 2, 0] }),
      layers.conv2d({ filters: 2, kernelSize: 3, strides: 3 }),
      layers.crop2d({ cropping: 1 }),
      layers.elu({ alpha: 0.5 }),
    ],
  },
];
const backend = await createBackend();
const models = specs.map((spec) => createModel(backend, spec, { seed: 3 }));
const files = await Promise.all(models.map((model) => encodeOnnx(model)));
/** Idioms of exporters: shapes that are computed, channels last, units that are an image. */
const byHand = [
  fileOf({
    input: [3, 2, 4],
    output: [5],
    nodes: node('MatMul', [
      node('Reshape', [
        node('Transpose', [node('Transpose', ['x'], { perm: [0, 3, 1, 2] })], {
          perm: [0, 2, 3, 1],
        }),
        node(
          'Concat',
          [node('Slice', [node('Shape', ['x']), whole(0), whole(1), whole(0)]), whole(-1)],
          { axis: 0 },
        ),
      ]),
      drawn(24, 5),
    ]),
  }),
  fileOf({
    input: [2, 2, 1],
    output: [3, 2, 2],
    opset: 9,
    nodes: node(
      'Clip',
      [
        node(
          'Transpose',
          [
            node('Reshape', [
              node('Add', [node('MatMul', [node('Flatten', ['x']), drawn(4, 12)]), drawn(12)]),
              whole(-1, 2, 2, 3),
            ]),
          ],
          { perm: [0, 3, 1, 2] },
        ),
      ],
      { min: { float: 0 }, max: { float: 6 } },
    ),
  }),
];
/** As another program would have written them: nothing in them says what they mean. */
const foreign = [...files, ...byHand].map((bytes) => {
  const { metadataProps: _, ...rest } = onnx.ModelProto.decode(bytes);
  return onnx.ModelProto.encode(rest).finish();
});

/** Throws unless a model is one: it can be written, and comes back. */
function checkModel({ spec, weights }: ImportedModel): void {
  const again = decodeModel(encodeModel({ spec, weights }), 'f');
  expectSame(again.spec, spec, 'spec');
  expectSame([...again.weights], [...weights], 'weights');
}

const onnxTarget = fileTarget({
  name: 'onnx',
  runs: 1500,
  samples: [...files, ...foreign],
  words: [
    'Conv',
    'Gemm',
    'Reshape',
    'Constant',
    'pads',
    'axis',
    'first.weight',
    'convlet.spec',
    '\x08\x07',
    '\x1a\x00',
  ],
  signatures: [
    [8, 8, 0x12, 7],
    [8, 7, 0x3a],
  ],
  read: ({ bytes }) => decodeOnnx(bytes, 'f'),
  check: checkModel,
});

/** Messages as JSON: bytes as lists of numbers, 64-bit integers as numbers. */
const messages = foreign.map((bytes) =>
  JSON.parse(
    JSON.stringify(onnx.ModelProto.decode(new Uint8Array(bytes)), (_, value: unknown) => {
      if (value instanceof Uint8Array) return [...value];
      const isLong = typeof value === 'object' && value !== null && 'unsigned' in value;
      return isLong ? Number(value) : value;
    }),
  ),
);
const BYTE_FIELDS = ['rawData', 's'];

/** The file of a message that someone rewrote; no file at all if it is no message. */
function written(text: string): Uint8Array<ArrayBuffer> {
  try {
    const message = JSON.parse(text, (key, value: unknown) =>
      BYTE_FIELDS.includes(key) && Array.isArray(value) ? Uint8Array.from(value) : value,
    );
    return new Uint8Array(onnx.ModelProto.encode(message).finish());
  } catch {
    return new Uint8Array();
  }
}

/** Graphs whose nodes, attributes and tensors an attacker wrote. */
const graphTarget: Target<HostileText & { bytes: Uint8Array }, ImportedModel> = {
  name: 'onnx-graph',
  runs: 1500,
  inputs: hostileJson(messages).map((hostile) => ({ ...hostile, bytes: written(hostile.text) })),
  size: ({ text }) => text.length,
  show: showText,
  read: ({ bytes }) => decodeOnnx(bytes, 'f'),
  check: checkModel,
};

const savedModels = models.map((model) => {
  const { 'model.json': json, 'weights.bin': bytes } = encodeTfjs(model);
  return { json: JSON.parse(new TextDecoder().decode(json)) as object, bytes };
});

/** A `model.json` that an attacker wrote, with its weights. */
const layersModelTarget: Target<HostileText & { bytes: Uint8Array }, ImportedModel> = {
  name: 'layers-model',
  runs: 1500,
  inputs: fc.nat(savedModels.length - 1).chain((which) =>
    hostileJson([savedModels[which]?.json]).map((hostile) => ({
      ...hostile,
      bytes: savedModels[which]?.bytes ?? new Uint8Array(),
    })),
  ),
  size: ({ text, bytes }) => text.length + bytes.length,
  show: showText,
  read: ({ text, bytes }) => decodeTfjs(text, [bytes]),
  check(model, { text }) {
    if (hasRepeatedKey(text)) throw new Error('wrongly taken: a key twice');
    checkModel(model);
  },
};

export const imports = [onnxTarget, graphTarget, layersModelTarget] as readonly Target[];
