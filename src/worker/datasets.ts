/**
 * The data sets that the worker has. A data set is sent once, when it is first used, and known by its identity: if the
 * object is changed in place afterwards, the worker still has the old data.
 * @module
 */
import type { Dataset, ValueDataset } from '../base/types.ts';
import { fieldsOf } from '../data/fields.ts';
import { isSource } from '../data/source.ts';
import type { Channel } from './channel.ts';
import { Parcel } from './packed.ts';
import type { DatasetRef } from './protocol.ts';

export class Datasets {
  readonly #channel: Channel;
  readonly #keys = new WeakMap<object, number>();
  /** When a data set can no longer be reached on this side, the worker drops its copy too. */
  readonly #unused: FinalizationRegistry<number>;
  #count = 0;

  constructor(channel: Channel) {
    this.#channel = channel;
    this.#unused = new FinalizationRegistry((key) => channel.tell({ type: 'forget', key }));
  }

  /** How a call names a data set, which is sent where it was not yet. `where` begins the message if it cannot be. */
  ref(where: string, dataset: Dataset | ValueDataset, transfer: boolean = false): DatasetRef {
    if (typeof dataset !== 'object' || dataset === null) return { value: dataset };
    if (isSource(dataset)) {
      throw new TypeError(
        `${where}: expected a data set in memory, got a source, whose read() cannot go to a worker. Use convlet in a worker of your own, or a data set.`,
      );
    }
    const known = this.#keys.get(dataset);
    if (known !== undefined) return { key: known };
    const key = this.#count++;
    const parcel = new Parcel();
    const pack = <T>(array: T) => (transfer ? parcel.move(array) : parcel.pack(array));
    const fields = { ...dataset, ...fieldsOf(dataset) }; // unknown fields stay, so that the worker's check refuses them
    const entries = Object.entries(fields).map(([name, value]) => [name, pack(value)]);
    const packed = Object.fromEntries(entries) as typeof dataset; // the same fields
    this.#channel.tell({ type: 'dataset', key, dataset: packed }, parcel.transfer, where);
    this.#keys.set(dataset, key);
    this.#unused.register(dataset, key, dataset);
    return { key };
  }

  /** Frees the worker's copy. If the data set is used again, it is sent again. */
  forget(dataset: Dataset | ValueDataset): void {
    const key = this.#keys.get(dataset);
    if (key === undefined) return;
    this.#keys.delete(dataset);
    this.#unused.unregister(dataset);
    this.#channel.tell({ type: 'forget', key });
  }
}
