/** Keeps the checkpoint of a run in its folder during training. @module */
import { join } from 'node:path';
import { encodeCheckpoint } from '../formats/convlet/checkpointFile.ts';
import type { Checkpoint } from '../model/checkpoint.ts';
import { writeFileAtomic } from '../node/files.ts';

/** Name of the file in the folder of a run. */
export const CHECKPOINT_FILE = 'checkpoint.convlet';

/**
 * Writes each checkpoint over the last one. A whole checkpoint is there at any moment. If one cannot be written, for
 * example on a full disk, training goes on: the last checkpoint stays, one message is printed, and the next is tried.
 */
export class CheckpointKeeper {
  readonly #path: string;
  readonly #settings: () => Readonly<Record<string, unknown>>;
  readonly #message: (text: string) => void;
  #hasFailed = false;
  #written: readonly string[] = [];

  /** @param settings The settings to keep in each checkpoint. @param message Prints a line for people. */
  constructor(
    folder: string,
    settings: () => Readonly<Record<string, unknown>>,
    message: (text: string) => void,
  ) {
    this.#path = join(folder, CHECKPOINT_FILE);
    this.#settings = settings;
    this.#message = message;
  }

  /** Whether the last checkpoint could not be written. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** The name of the file, if one was written. */
  get written(): readonly string[] {
    return this.#written;
  }

  readonly keep = async (checkpoint: Checkpoint): Promise<void> => {
    try {
      await writeFileAtomic(
        this.#path,
        encodeCheckpoint({ ...checkpoint, settings: this.#settings() }),
      );
      this.#hasFailed = false;
      this.#written = [CHECKPOINT_FILE];
    } catch (error) {
      if (!this.#hasFailed) {
        this.#message(
          `${(error as Error).message} Training goes on; the checkpoint before is kept.`,
        );
      }
      this.#hasFailed = true;
    }
  };
}
