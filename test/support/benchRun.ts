/** A run of the bench with figures that are easy to check. */
import type { BenchRun } from 'convlet/bench';

const steady = { spread: 0.01, samples: 50, batch: 1 };
const limit = { spread: 0.01, readings: 9 };

/** One product of 2 MFLOP that takes so long, and 2 ms in plain JavaScript; a block that is zeroed; an epoch. */
export function sampleRun(milliseconds: number, spread = 0.01, peakBeside = 50): BenchRun {
  return {
    format: 'convlet-bench',
    version: 2,
    date: '2026-01-02T03:04:05.000Z',
    machine: {
      cpu: 'Processor',
      cores: 2,
      platform: 'linux x64',
      runtime: 'Node 20.20.0',
      engine: 'V8 11.3',
      kernelsSha256: '0123456789abcdef',
      kernelsBytes: 7000,
    },
    timerResolution: 5e-5,
    peak: { rate: 50, ...limit },
    bandwidths: [{ bytes: 16_384, rate: 100, ...limit }],
    cases: [
      {
        kernel: 'gemmNN',
        shape: '100×100×100',
        work: { limit: 'compute', flops: 2e6, bytes: 160_000 },
        timing: { ...steady, milliseconds, spread },
        plain: { ...steady, milliseconds: 2 },
        peakBeside,
      },
      {
        kernel: 'zero',
        shape: '25',
        work: { limit: 'memory', flops: 0, bytes: 100 },
        timing: { ...steady, milliseconds: 2e-6 },
        plain: { ...steady, milliseconds: 2e-6, samples: 1 },
        peakBeside: 50,
        bandwidth: { rate: 100, ...limit },
      },
    ],
    wrong: [],
    training: [
      {
        network: 'reference',
        threads: 1,
        images: 10_000,
        milliseconds: 200,
        spread: 0.01,
        samples: 5,
        parts: { gather: 10, forward: 80, loss: 10, backward: 80, update: 10 },
        partsSpread: 0.01,
      },
    ],
    notes: ['trained on something'],
  };
}
