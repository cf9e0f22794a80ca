/** The picture at hand: drawn on the pad, before the camera, or out of a file. It can be added to a class, and is answered. @module */
import { byId, onClick, setText } from '../dom.ts';
import { Pad } from '../draw.ts';
import { wordsOf } from '../errors.ts';
import { Store } from '../store.ts';
import { INK, type Theme } from '../theme.ts';
import { Camera } from './camera.ts';
import { type Pixels, pixelsOfDrawing, pixelsOfFile, show } from './pixels.ts';

export type Source = 'draw' | 'camera' | 'file';

const NAMES: Readonly<Record<Source, string>> = {
  draw: 'Nothing is drawn yet.',
  camera: 'The camera shows nothing yet.',
  file: 'No picture is chosen yet.',
};

export class Stage {
  /** Undefined while there is none. */
  readonly hand: Store<Pixels | undefined> = new Store<Pixels | undefined>(undefined);
  readonly source: Store<Source> = new Store<Source>('draw');
  readonly #pad: Pad;
  readonly #camera = new Camera(
    (pixels) => this.hand.set(pixels),
    () => this.#drawInstead('The camera has ended. Choose Camera again when it is back.'),
  );
  /** How often something was chosen: a file that is read meanwhile comes too late. */
  #choices = 0;
  readonly #shown = byId('shown', HTMLCanvasElement);
  readonly #error = byId('stage-error', HTMLElement);
  readonly #files = byId('stage-file', HTMLInputElement);

  constructor(theme: Store<Theme>) {
    this.#pad = new Pad(
      (pixels) => this.#take(pixels),
      (picture) => pixelsOfDrawing(picture),
    );
    theme.watch((value) => this.#pad.setColour(INK[value]));
    for (const source of Object.keys(NAMES) as Source[]) {
      byId(`source-${source}`, HTMLInputElement).addEventListener('change', () =>
        this.choose(source),
      );
    }
    onClick('stage-choose', () => this.#files.click());
    this.#files.addEventListener('change', () => {
      const [file] = this.#files.files ?? [];
      if (file !== undefined) void this.takeFile(file);
      this.#files.value = '';
    });
    addEventListener('pagehide', () => this.#camera.stop());
  }

  /** Why there is no picture at hand. */
  get absence(): string {
    return NAMES[this.source.value];
  }

  choose(source: Source): void {
    if (source === this.source.value) {
      if (source !== 'camera') return;
      this.#camera.stop();
    }
    this.#choices++;
    this.tell('');
    if (this.source.value === 'camera') this.#camera.stop();
    this.source.set(source);
    byId(`source-${source}`, HTMLInputElement).checked = true;
    byId('pad-box', HTMLElement).hidden = source !== 'draw';
    byId('pad-tools', HTMLElement).hidden = source !== 'draw';
    byId('camera', HTMLVideoElement).hidden = source !== 'camera';
    byId('file-box', HTMLElement).hidden = source !== 'file';
    this.#pad.wipe();
    this.#shown.hidden = true;
    this.hand.set(undefined);
    if (source === 'camera') void this.#look();
  }

  /** A picture out of a file becomes the one at hand. */
  async takeFile(file: File | Blob): Promise<void> {
    this.choose('file');
    const choice = ++this.#choices;
    this.tell('');
    try {
      const pixels = await pixelsOfFile(file, nameOf(file));
      if (choice !== this.#choices) return;
      show(this.#shown, pixels);
      this.#shown.hidden = false;
      this.hand.set(pixels);
    } catch (error) {
      if (choice === this.#choices) this.tell(wordsOf(error));
    }
  }

  /** After a picture was added: a drawing makes room for the next one. */
  clear(): void {
    if (this.source.value !== 'draw') return;
    this.#pad.wipe();
    this.hand.set(undefined);
  }

  /** What went wrong here; nothing where nothing did. */
  tell(text: string): void {
    setText(this.#error, text);
  }

  /** The pad tells also that it was emptied. */
  #take(pixels: Uint8Array | undefined): void {
    this.tell('');
    if (this.source.value === 'draw') this.hand.set(pixels as Pixels | undefined); // pixelsOfDrawing made it
  }

  async #look(): Promise<void> {
    try {
      await this.#camera.start();
    } catch (error) {
      this.#drawInstead(wordsOf(error));
    }
  }

  /** Without a camera; it can be chosen again. */
  #drawInstead(why: string): void {
    this.choose('draw');
    this.tell(why);
  }
}

/** What a file is called in a message; what was pasted has no name. */
function nameOf(file: File | Blob): string {
  return 'name' in file && file.name !== '' ? file.name : 'This';
}
