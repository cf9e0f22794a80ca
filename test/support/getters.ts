/** A data set whose fields are getters of its class, as in a program that makes its arrays when they are asked for. */
import type { Dataset } from 'convlet';

export class Getters implements Dataset {
  readonly #plain: Dataset;

  constructor(plain: Dataset) {
    this.#plain = plain;
  }

  get images(): Dataset['images'] {
    return this.#plain.images;
  }

  get labels(): Dataset['labels'] {
    return this.#plain.labels;
  }

  get shape(): Dataset['shape'] {
    return this.#plain.shape;
  }

  get classes(): number {
    return this.#plain.classes;
  }
}
