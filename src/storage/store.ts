/** A place in a browser where files are kept, whatever it is made of. @module */
export interface Store {
  /** For messages. */
  readonly name: string;
  /** Puts the bytes in the place of a file's, all of them or none. */
  save(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  load(name: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  list(): Promise<string[]>;
  /** Whether there was such a file. */
  remove(name: string): Promise<boolean>;
}
