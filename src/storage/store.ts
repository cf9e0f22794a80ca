/** A place in a browser where files are kept, in whatever technology. @module */
export interface Store {
  /** For messages. */
  readonly name: string;
  /** Replaces the bytes of a file, all of them or none. */
  save(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  load(name: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  list(): Promise<string[]>;
  /** @returns whether there was such a file. */
  remove(name: string): Promise<boolean>;
}
