/**
 * Random networks under random losses, optimizers, schedules and controls train to the same bytes and figures on one, two and three
 * threads, and in parts, each in a new model on another number of threads; fused and unfused alike. (The unfused steps may differ from the fused
 * ones in rounding: test/model/oracle.test.ts compares both with the oracle.)
 */
import {
  type Backend,
  type Checkpoint,
  createModel,
  type Dataset,
  type FitOptions,
  type ModelSpec,
} from 'convlet';
import { decodeCheckpoint, encodeCheckpoint } from 'convlet/formats';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cases, untimed } from '../support/controls.ts';
import { useBackends } from '../support/network.ts';
import { testRandom, uniform } from '../support/random.ts';
import { CLASSES, INPUT, moves, networkOf } from '../support/randomNetworks.ts';
import { asked, isNamed } from './asked.ts';

const RUNS = asked?.runs ?? 15;
const IMAGES = 23;

const backends = useBackends([1, 2, 3]);

function dataOf(seed: number): Dataset {
  const random = testRandom(seed);
  const length = INPUT.reduce((product, size) => product * size, 1);
  return {
    images: uniform(random, IMAGES * length).map(Math.abs),
    labels: Uint8Array.from({ length: IMAGES }, (_, i) => (i * 7) % CLASSES),
    shape: INPUT,
    classes: CLASSES,
  };
}

/** The options of a case for these data: of losses and metrics those of labels. */
function optionsFor({ loss, metrics, validationData, ...rest }: FitOptions): FitOptions {
  const isOfLabels = typeof loss === 'object' && loss.type === 'categoricalCrossentropy';
  const weights = isOfLabels && Array.isArray(loss.classWeights) ? [1, 2, 0.5, 3] : undefined;
  return {
    ...rest,
    ...(isOfLabels && { loss: { ...loss, ...(weights && { classWeights: weights }) }, metrics }),
    ...(validationData && { validationData: dataOf(2) }),
  } as FitOptions;
}

interface Run {
  readonly spec: ModelSpec;
  readonly options: FitOptions;
  readonly fuse: boolean;
}

async function atOnce({ spec, options, fuse }: Run, backend: Backend) {
  const model = createModel(backend, spec, { seed: 5, fuse });
  try {
    const { epochs, bestEpoch } = await model.fit(dataOf(1), options);
    return { sha256: await model.weightsSha256(), epochs: epochs.map(untimed), bestEpoch };
  } finally {
    model.dispose();
  }
}

/** The same in parts of so many steps. */
async function inParts({ spec, options, fuse }: Run, parts: readonly number[], first: number) {
  let kept: Checkpoint | undefined;
  for (let part = 0; ; part++) {
    const model = createModel(backends[(first + part) % 3] as Backend, spec, { seed: 5, fuse });
    try {
      const { epochs = 1, validationData, checkpointEvery } = options;
      const needed = {
        epochs,
        ...(validationData && { validationData }),
        ...(checkpointEvery && { checkpointEvery }),
      };
      const history = await model.fit(dataOf(1), {
        ...(kept === undefined ? options : { ...needed, resume: kept }),
        ...(parts[part] !== undefined && { maxSteps: parts[part] }),
        onCheckpoint(checkpoint) {
          kept = decodeCheckpoint(encodeCheckpoint(checkpoint));
        },
      });
      if (history.stopped) continue;
      const { bestEpoch } = history;
      const sha256 = await model.weightsSha256();
      return { sha256, epochs: history.epochs.map(untimed), bestEpoch };
    } finally {
      model.dispose();
    }
  }
}

describe.runIf(isNamed('differential'))('random networks and controls', () => {
  it(
    'come to the same bytes on any number of threads, and in parts',
    async () => {
      let [done, refused] = [0, 0];
      const property = fc.asyncProperty(moves, cases, fc.boolean(), async (moves, given, fuse) => {
        const run: Run = { spec: networkOf(moves), options: optionsFor(given.options), fuse };
        let expected: Awaited<ReturnType<typeof atOnce>>;
        try {
          expected = await atOnce(run, backends[0] as Backend);
        } catch (error) {
          // a network that explodes, or a normalisation of one value, is refused on any number of threads
          const { message, name } = error as Error;
          for (const backend of backends.slice(1)) {
            await expect(atOnce(run, backend)).rejects.toMatchObject({ name, message });
          }
          refused++;
          return;
        }
        for (const backend of backends.slice(1))
          expect(await atOnce(run, backend)).toEqual(expected);
        expect(await inParts(run, given.parts, given.parts.length)).toEqual(expected);
        done++;
      });
      await fc.assert(property, {
        seed: asked?.seed ?? 29,
        numRuns: RUNS,
        ...(asked?.path !== undefined && { path: asked.path }),
      });
      expect(done).toBeGreaterThan(refused);
    },
    Number.POSITIVE_INFINITY,
  );
});
