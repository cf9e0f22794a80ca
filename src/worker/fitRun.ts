/** A fit that runs in the worker: its events for the page, and the page's answers. @module */

import type { EpochEvent, StepEvent } from '../base/types.ts';
import type { Checkpoint } from '../model/checkpoint.ts';
import type { FitOptions } from '../model/fitOptions.ts';
import { Parcel } from './packed.ts';
import type { FitEvent, FitRequest } from './protocol.ts';

/** Step events wait about one frame of the screen, so that thousands of steps a second make some sixty messages. */
const BATCH_MILLISECONDS = 16;

type PostEvent = (event: FitEvent, transfer?: readonly ArrayBuffer[]) => void;

export class Run {
  readonly controller: AbortController = new AbortController();
  /** For `Model.fit`. The page's own are awaited where it has them. */
  readonly listeners: Pick<FitOptions, 'onWarning' | 'onStepEnd' | 'onEpochEnd' | 'onCheckpoint'>;
  readonly #call: number;
  readonly #post: PostEvent;
  #steps: StepEvent[] = [];
  #lastPost = performance.now();
  #goOn: () => void = () => {};

  constructor(call: number, request: FitRequest, post: PostEvent) {
    this.#call = call;
    this.#post = post;
    if (request.isAborted) this.controller.abort();
    this.listeners = {
      ...(request.hearsWarnings && { onWarning: (text) => this.#warn(text) }),
      ...(request.hearsSteps && { onStepEnd: (event) => this.#addStep(event) }),
      ...(request.hearsEpochs && { onEpochEnd: (event) => this.#tellEpoch(event) }),
      ...(request.hearsCheckpoints && { onCheckpoint: (kept) => this.#tellCheckpoint(kept) }),
    };
  }

  /** The page's listener is done. */
  heard(): void {
    this.#goOn();
  }

  /** Posts the step events that wait. */
  flush(): void {
    if (this.#steps.length > 0)
      this.#post({ type: 'steps', call: this.#call, events: this.#steps });
    this.#steps = [];
    this.#lastPost = performance.now();
  }

  #addStep(event: StepEvent): void {
    this.#steps.push(event);
    if (performance.now() - this.#lastPost > BATCH_MILLISECONDS) this.flush();
  }

  /** Behind the steps before it, so that the page hears both in order. */
  #warn(text: string): void {
    this.flush();
    this.#post({ type: 'warning', call: this.#call, text });
  }

  #tellEpoch(event: EpochEvent): Promise<void> {
    return this.#tell({ type: 'epoch', call: this.#call, event });
  }

  /** The arrays of a checkpoint are copies already, so they move. */
  #tellCheckpoint(checkpoint: Checkpoint): Promise<void> {
    const parcel = new Parcel();
    const { weights, average, best, group } = checkpoint;
    for (const tensors of [weights, average, best]) {
      for (const { data } of tensors?.values() ?? []) parcel.move(data);
    }
    if (group !== undefined) parcel.move(group);
    for (const block of checkpoint.state.blocks) parcel.move(block);
    return this.#tell({ type: 'checkpoint', call: this.#call, checkpoint }, parcel.transfer);
  }

  #tell(event: FitEvent, transfer: readonly ArrayBuffer[] = []): Promise<void> {
    this.flush();
    return new Promise((resolve) => {
      this.#goOn = resolve;
      this.#post(event, transfer);
    });
  }
}
