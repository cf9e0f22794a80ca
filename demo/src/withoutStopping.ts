/** A checkpoint that goes on without early stopping, or begins to count anew. @module */
import type { Checkpoint } from 'convlet';

export function withoutStopping(checkpoint: Checkpoint): Checkpoint {
  const { earlyStopping, best, ...rest } = checkpoint;
  return rest;
}
