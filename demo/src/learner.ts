/** Where training runs. @module */
import {
  createBackend,
  createModel,
  type Dataset,
  type FitOptions,
  type History,
  type ModelSpec,
  type Tensor,
} from 'convlet';

export interface LearnerModel {
  readonly parameterCount: number;
  readonly steps: readonly string[];
  fit(dataset: Dataset, options: FitOptions): Promise<History>;
  weights(): Map<string, Tensor> | Promise<Map<string, Tensor>>;
  dispose(): void | Promise<void>;
}

export interface Learner {
  readonly threads: number;
  readonly hasEnded: boolean;
  createModel(spec: ModelSpec, options: { seed: number }): LearnerModel | Promise<LearnerModel>;
  end(): void;
}

export async function openLearner(): Promise<Learner> {
  const backend = await createBackend();
  return {
    threads: 1,
    hasEnded: false,
    createModel: (spec, options) => createModel(backend, spec, options),
    end: () => {},
  };
}
