/**
 * ONNX files of others predict here what they predict there: those of PyTorch's exporter, whose idioms these are, and the node
 * tests of ONNX itself (Debian's libonnx-testdata).
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { decodeOnnx, type ImportedModel } from '../../dist/formats.js';
import { createBackend, createModel, type LayerSpec, type Tensor } from '../../dist/index.js';
import { readTensor } from '../../src/formats/onnx/constants.ts';
import { onnx } from '../../src/formats/onnx/messages.js';
import { expectClose } from '../support/closeness.ts';
import { hasPython, python } from '../support/python.ts';

const backend = await createBackend();
const folder = mkdtempSync(join(tmpdir(), 'convlet-onnx-import-'));
afterAll(() => rmSync(folder, { recursive: true }));

function predict({ spec, weights }: ImportedModel, images: Tensor): Tensor {
  const model = createModel(backend, spec);
  model.setWeights(weights);
  const y = model.predict(images);
  model.dispose();
  return y;
}

interface Exported {
  readonly name: string;
  readonly x: number[];
  readonly y: number[];
}

function exported(): readonly Exported[] {
  if (!hasPython('torch')) return [];
  const script = fileURLToPath(new URL('torchModels.py', import.meta.url));
  return python(script, folder)
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
}

const floats = (name: string) =>
  new Float32Array(new Uint8Array(readFileSync(join(folder, name))).buffer);

describe('files of PyTorch', () => {
  it.each(exported())('$name', async ({ name, x, y }) => {
    const model = await decodeOnnx(
      new Uint8Array(readFileSync(join(folder, `${name}.onnx`))),
      name,
    );
    const got = predict(model, { shape: x, data: floats(`${name}.x.f32`) });
    expect(got.shape).toEqual(y);
    expectClose(got.data, floats(`${name}.y.f32`), 1e-5);
    // what is written as several nodes becomes one layer: nothing stays that only scales
    const scales = model.spec.layers.filter((layer) => 'trainable' in layer);
    expect(scales.length).toBe(name.startsWith('unfolded') ? 1 : 0);
  });
});

const NODES = '/usr/share/libonnx-testdata/data';
const isThere = existsSync(NODES);
if (!isThere) console.info("skipped: Debian's libonnx-testdata is not on this machine");

interface NodeTest {
  readonly name: string;
  readonly model: onnx.ModelProto.$Properties;
  readonly inputs: readonly onnx.TensorProto.$Properties[];
  readonly output: Tensor;
}

/** The tests of one operator that a layer here may mean: of floats, with one output that counts. */
function nodeTests(): readonly NodeTest[] {
  if (!isThere) return [];
  return ['node', 'pytorch-converted', 'pytorch-operator', 'simple'].flatMap((part) =>
    readdirSync(join(NODES, part)).flatMap((name) => {
      const path = (...names: string[]) => join(NODES, part, name, ...names);
      const bytes = (file: string) => new Uint8Array(readFileSync(file));
      const set = path('test_data_set_0');
      if (!existsSync(path('model.onnx')) || !existsSync(set)) return [];
      const model = onnx.ModelProto.decode(bytes(path('model.onnx')));
      const [node, ...others] = model.graph?.node ?? [];
      const isOfTensors = model.graph?.input?.every(({ type }) => type?.tensorType);
      if (others.length > 0 || !isOfTensors || !UNDERSTOOD.has(node?.opType ?? '')) return [];
      const tensors = (kind: string) =>
        readdirSync(set)
          .filter((file) => file.startsWith(kind))
          .sort()
          .map((file) => onnx.TensorProto.decode(bytes(join(set, file))));
      const [inputs, [output]] = [tensors('input'), tensors('output')];
      const isOfFloats = [inputs[0], output].every((tensor) => tensor?.dataType === 1);
      if (!isOfFloats || output === undefined) return [];
      return [{ name, model, inputs, output: tensorOf(output) }];
    }),
  );
}

function tensorOf(proto: onnx.TensorProto.$Properties): Tensor {
  const { shape, data } = readTensor('test', proto);
  return { shape, data: Float32Array.from(data) };
}

/** Operators that have a layer. */
const UNDERSTOOD = new Set(
  `Add AveragePool BatchNormalization Clip Concat Conv ConvTranspose Div Elu Flatten Gemm GlobalAveragePool
  GlobalMaxPool HardSigmoid HardSwish Identity InstanceNormalization LeakyRelu MatMul MaxPool Mul PRelu Pad
  ReduceMax ReduceMean Relu Reshape Resize Selu Sigmoid Slice Softmax Softplus Squeeze Sub Sum Tanh Transpose
  Unsqueeze Upsample`.split(/\s+/),
);

const tests = nodeTests();

/** Images in, the others as initializers: what no layer does is refused by its node, and nothing is taken for something else. */
describe.runIf(isThere)('node tests of ONNX with images', () => {
  const images = tests.filter(({ inputs }) => inputs[0]?.dims?.length === 4);

  it.each(images)('$name', async ({ name, model, inputs, output }) => {
    const [x] = inputs;
    const graph = model.graph as onnx.GraphProto.$Properties; // one node at least
    const own = graph.initializer ?? [];
    const isOwn = (name: string) => own.some((tensor) => tensor.name === name);
    const [input, ...weights] = (graph.input ?? []).filter(({ name }) => !isOwn(name ?? ''));
    const more = weights.map(({ name }, i) => ({ ...inputs[i + 1], name: name ?? '' }));
    const initializer = [...own, ...more];
    const [first] = graph.output ?? [];
    const bytes = onnx.ModelProto.encode({
      ...model,
      graph: { ...graph, input: input ? [input] : [], output: first ? [first] : [], initializer },
    }).finish();
    const why = BEYOND.find(([pattern]) => pattern.test(name))?.[1];
    if (why !== undefined) {
      await expect(decodeOnnx(bytes)).rejects.toThrow(why);
      return;
    }
    const got = predict(await decodeOnnx(bytes, name), tensorOf(x ?? {}));
    expect(got.shape).toEqual(output.shape);
    expectClose(got.data, output.data, 1e-5);
  });

  it('are many, and few of them are refused', () => {
    expect(images.length).toBeGreaterThan(90);
    const beyond = images.filter(({ name }) => BEYOND.some(([pattern]) => pattern.test(name)));
    expect(beyond.length).toBeLessThan(images.length / 2);
  });
});

/** What these nodes do, and no layer. */
const BEYOND: readonly (readonly [name: RegExp, message: RegExp])[] = [
  [/^test_batchnorm_.*training_mode/, /expected training_mode to be 0/],
  [/^test_(constant_pad|ConstantPad2d)$/, /expected value to be 0/],
  [/^test_flatten_(axis[023]|negative_axis[124])$/, /expected ax[ie]s/],
  [/^test_(matmul_4d)$/, /expected input 1 to be a constant of 2 axes/],
  [/^test_(maxpool_2d_dilations|MaxPool2d_stride_padding_dilation)$/, /expected dilations to be 1/],
  [/^test_resize_.*(linear|cubic)/, /expected mode to be nearest/],
  [/^test_resize_(tf_crop|downsample|upsample_sizes_nearest)/, /expected (mode|scales|coordinate)/],
  [/^test_(ReflectionPad2d|ReplicationPad2d|operator_pad)$/, /expected mode to be constant/],
  [/^test_(softmax_functional_dim3)$/, /expected one row of features/],
  [/^test_operator_reduced_mean/, /expected axes to be those of height and width/],
  [/^test_(squeeze)$/, /not that of the batch/],
];

/** A node that is no image: its layer, and what of its inputs are parameters. */
interface Row {
  readonly spec: LayerSpec;
  readonly inputs: readonly Tensor[];
  readonly parameters?: Readonly<Record<string, Tensor>>;
}

const attributeOf = (node: onnx.NodeProto.$Properties, name: string) =>
  node.attribute?.find((attribute) => attribute.name === name);

/** One image of any shape, for functions of one number. */
const asOne = ({ shape, data }: Tensor): Tensor => ({ shape: [1, ...shape], data });
const each =
  (spec: (alpha: number | undefined) => LayerSpec) =>
  (node: onnx.NodeProto.$Properties, inputs: readonly Tensor[]): Row => ({
    spec: spec(attributeOf(node, 'alpha')?.f ?? undefined),
    inputs: inputs.map(asOne),
  });

/** By operator; undefined: this node has no layer. */
const ELSEWHERE: Readonly<
  Record<string, (node: onnx.NodeProto.$Properties, inputs: readonly Tensor[]) => Row | undefined>
> = {
  Add: merged('add'),
  Concat: (node, inputs) => {
    const axis = Number(attributeOf(node, 'axis')?.i ?? 0);
    return axis === 1 ? { spec: { type: 'concat' }, inputs } : undefined;
  },
  Elu: each((alpha) => ({ type: 'elu', alpha: alpha ?? 1 })),
  HardSwish: each(() => ({ type: 'hardSwish' })),
  LeakyRelu: each((alpha) => ({ type: 'leakyRelu', negativeSlope: alpha ?? 0.01 })),
  MatMul: (_node, [x, w]) => {
    const [rows = 0, columns = 0] = w?.shape ?? [];
    if (x?.shape.length !== 2 || w === undefined) return undefined;
    const data = w.data.map((_, i) => w.data[(i % rows) * columns + Math.floor(i / rows)] ?? 0);
    const weight = { shape: [columns, rows], data };
    return {
      spec: { type: 'dense', units: columns, useBias: false },
      inputs: [x],
      parameters: { weight },
    };
  },
  Mul: merged('multiply'),
  Relu: each(() => ({ type: 'relu' })),
  Selu: ({ attribute }, inputs) =>
    attribute?.length ? undefined : { spec: { type: 'selu' }, inputs: inputs.map(asOne) },
  Sigmoid: each(() => ({ type: 'sigmoid' })),
  Softmax: (node, inputs) => {
    const isRow =
      inputs[0]?.shape.length === 2 && [-1, 1].includes(Number(attributeOf(node, 'axis')?.i ?? -1));
    return isRow ? { spec: { type: 'softmax' }, inputs } : undefined;
  },
  Softplus: each(() => ({ type: 'softplus' })),
  Sum: merged('add'),
  Tanh: each(() => ({ type: 'tanh' })),
};

function merged(type: 'add' | 'multiply') {
  return (_node: unknown, inputs: readonly Tensor[]): Row | undefined => {
    const isSame = inputs.every(({ shape }) => String(shape) === String(inputs[0]?.shape));
    return isSame && inputs.length > 1 ? { spec: { type }, inputs: inputs.map(asOne) } : undefined;
  };
}

describe.runIf(isThere)('node tests of ONNX with other inputs, through ops.layer', () => {
  const rows = tests.flatMap(({ name, model, inputs, output }) => {
    const node = model.graph?.node?.[0] ?? {};
    const isImage = inputs[0]?.dims?.length === 4;
    const isScalar = inputs.some(({ dims }) => dims?.length === 0);
    const make = ELSEWHERE[node.opType ?? ''];
    const row = isImage || isScalar ? undefined : make?.(node, inputs.map(tensorOf));
    return row === undefined ? [] : [{ name, row, output }];
  });

  it.each(rows)('$name', ({ row: { spec, inputs, parameters = {} }, output }) => {
    const { y } = backend.ops.layer(spec, inputs, parameters, { mode: 'evaluate' });
    expectClose(y.data, output.data, 1e-5);
  });

  it('are many', () => {
    expect(rows.length).toBeGreaterThan(25);
    expect(new Set(rows.map(({ row }) => row.spec.type)).size).toBeGreaterThan(11);
  });
});
