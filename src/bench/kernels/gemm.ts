/** Matrix products. Kernels: assembly/gemm/gemm.ts. Oracle: src/reference/matmul.ts. @module */
import { matmul, transpose } from '../../reference/matmul.ts';
import type { Case } from '../case.ts';

/** m, n, k. */
const SHAPES: readonly (readonly [m: number, n: number, k: number])[] = [
  [240, 240, 240], // the yardstick
  [64, 64, 64],
  [17, 31, 13], // odd on every side
  [16, 10, 2028], // dense forward of the reference network, one shard
  [10, 2028, 16], // its weight gradient
  [32, 576, 144], // convolution 16→32 3×3 over 24×24, one image
  [128, 9216, 128], // weight gradient of a wide dense layer, batch 128
];

type Layout = 'NN' | 'NT' | 'TN';

export const gemmCases: readonly Case[] = SHAPES.flatMap(([m, n, k]) =>
  (['NN', 'NT', 'TN'] as const).map((layout) => gemmCase(layout, m, n, k)),
);

function gemmCase(layout: Layout, m: number, n: number, k: number): Case {
  return {
    kernel: `gemm${layout}`,
    shape: `${m}×${n}×${k}`,
    work: { limit: 'compute', flops: 2 * m * n * k, bytes: 4 * (m * k + k * n + 2 * m * n) },
    start: 0,
    prepare(workspace) {
      const { kernels } = workspace;
      const [a, b, c] = [workspace.uniform(m * k), workspace.uniform(k * n), workspace.f32(m * n)];
      const scratch = workspace.scratch(kernels.gemmScratchBytes(m, n, k));
      const plain = new Float32Array(m * n);
      const kernel = kernels[`gemm${layout}`];
      return {
        kernel: {
          run: () => kernel(c.at, a.at, b.at, scratch, m, n, k),
          results: [c.view],
        },
        plain: {
          run: () => plainGemm[layout](plain, a.view, b.view, m, n, k),
          results: [plain],
        },
        expected: () => [
          matmul(
            layout === 'TN' ? transpose(a.view, k, m) : a.view,
            layout === 'NT' ? transpose(b.view, n, k) : b.view,
            m,
            n,
            k,
          ),
        ],
      };
    },
  };
}

type Gemm = (
  c: Float32Array,
  a: Float32Array,
  b: Float32Array,
  m: number,
  n: number,
  k: number,
) => void;

/** Loops in the order that walks every matrix along its rows; the bench of dense layers uses them too. */
export const plainGemm: Readonly<Record<Layout, Gemm>> = {
  NN(c, a, b, m, n, k) {
    for (let i = 0; i < m; i++) {
      for (let p = 0; p < k; p++) addRow(c, i * n, a[i * k + p], b, p * n, n);
    }
  },
  NT(c, a, b, m, n, k) {
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let p = 0; p < k; p++) sum += a[i * k + p] * b[j * k + p];
        c[i * n + j] += sum;
      }
    }
  },
  TN(c, a, b, m, n, k) {
    for (let p = 0; p < k; p++) {
      for (let i = 0; i < m; i++) addRow(c, i * n, a[p * m + i], b, p * n, n);
    }
  },
};

/** c[cAt + j] += scale·b[bAt + j] */
function addRow(
  c: Float32Array,
  cAt: number,
  scale: number,
  b: Float32Array,
  bAt: number,
  length: number,
): void {
  for (let j = 0; j < length; j++) c[cAt + j] += scale * b[bAt + j];
}
