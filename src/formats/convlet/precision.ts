/** What fewer bits cost: one model in each of the precisions that its file may have, on the same images. @module */
import type {
  Dataset,
  Evaluation,
  Images,
  ValueDataset,
  ValueEvaluation,
} from '../../base/types.ts';
import { targetsOf } from '../../data/dataset.ts';
import type { Backend } from '../../model/backend.ts';
import { quantizeModel } from '../../model/int8/quantizeModel.ts';
import type { Model } from '../../model/model.ts';
import { loadModel } from './loadModel.ts';
import { type Dtype, encodeModel } from './modelFile.ts';

/** A precision, measured. */
export interface PrecisionResult {
  readonly dtype: Dtype;
  /** Bytes of the model's file. */
  readonly bytes: number;
  readonly evaluation: Evaluation | ValueEvaluation;
  /** Share of the images that are given another class than in f32; undefined of images with values. */
  readonly changed: number | undefined;
}

/** A precision that the model cannot have, and why. */
export interface PrecisionRefusal {
  readonly dtype: Dtype;
  readonly reason: string;
}

const NARROWER: readonly Dtype[] = ['f16', 'bf16', 'int8'];

/**
 * Measures a model in f32, f16, bf16 and int8. Weights of 16 bits are computed with in f32; int8 is whole numbers all the way.
 * @param calibration Images for int8. @returns a generator, since each takes its time.
 */
export function* measurePrecisions(
  backend: Backend,
  model: Model,
  test: Dataset | ValueDataset,
  calibration: Images['images'],
): Generator<PrecisionResult | PrecisionRefusal> {
  const hasClasses = targetsOf(test) === 'classes';
  const answersOf = (one: Model) => (hasClasses ? one.predictClasses(test.images) : undefined);
  const before = answersOf(model);
  const measure = (dtype: Dtype, one: Model): PrecisionResult => {
    const answers = one === model ? before : answersOf(one);
    const changed = answers?.filter((answer, n) => answer !== before?.[n]).length;
    return {
      dtype,
      bytes: encodeModel(one, dtype === 'int8' ? {} : { dtype }).length,
      evaluation: one.evaluate(test as Dataset),
      changed: changed === undefined ? undefined : changed / (answers?.length ?? 1),
    };
  };
  yield measure('f32', model);
  for (const dtype of NARROWER) {
    let other: Model | undefined;
    try {
      other =
        dtype === 'int8'
          ? quantizeModel(backend, model, calibration)
          : loadModel(backend, encodeModel(model, { dtype }));
      yield measure(dtype, other);
    } catch (cause) {
      if (!(cause instanceof RangeError)) throw cause;
      yield { dtype, reason: cause.message };
    } finally {
      other?.dispose();
    }
  }
}
