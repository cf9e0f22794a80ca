/** A worker that measures steps of training beside the one that trains. It starts when it is first needed. @module */
import type { ModelSpec } from 'convlet';
import { createWorkerBackend, type WorkerBackend } from 'convlet/worker';
import type { Learner } from './gradient.ts';

export class Measurer {
  #backend: Promise<WorkerBackend> | undefined;
  /** One job after another. */
  #queue: Promise<unknown> = Promise.resolve();

  /** Does a job with a fresh model. @throws {Error} if the worker has ended; the next job has another one. */
  run<T>(spec: ModelSpec, seed: number, job: (learner: Learner) => Promise<T>): Promise<T> {
    const result = this.#queue.then(() => this.#run(spec, seed, job));
    this.#queue = result.catch(() => {});
    return result;
  }

  async #run<T>(spec: ModelSpec, seed: number, job: (learner: Learner) => Promise<T>): Promise<T> {
    this.#backend ??= createWorkerBackend();
    try {
      const backend = await this.#backend;
      const model = await backend.createModel(spec, { seed });
      const result = await job(model);
      await model.dispose();
      return result;
    } catch (error) {
      this.#backend?.then((backend) => backend.dispose()).catch(() => {});
      this.#backend = undefined;
      throw error;
    }
  }
}
