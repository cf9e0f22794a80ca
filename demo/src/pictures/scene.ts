/**
 * The network at this moment on the page: the picture, the columns, the pixel under the glass. Painted when something has
 * changed, at most a few times a second, on the page's own thread and by the library's own kernels.
 * @module
 */
import type { Backend, ModelSpec } from 'convlet';
import { byId } from '../dom.ts';
import { Article } from './article.ts';
import { Flow } from './flow.ts';
import { type Frame, imageTensor, runLayers, type Weights } from './forward.ts';
import { Inspector } from './inspector.ts';
import { Lens } from './lens.ts';
import { type Overlay, PLAIN } from './overlay.ts';
import { paint } from './paint.ts';
import type { Palette } from './palette.ts';
import type { Place } from './place.ts';
import { Slide } from './slide.ts';
import type { Window } from './window.ts';

/** Milliseconds between two pictures; longer for readers who asked for less motion. */
const INTERVAL = matchMedia('(prefers-reduced-motion: reduce)').matches ? 500 : 60;

export class Scene {
  readonly #backend: Backend;
  readonly #truth: () => number | undefined;
  readonly #onAnswer: (probabilities: Float32Array) => void;
  /** What the filters show. */
  readonly lens: Lens = new Lens();
  readonly #flow = new Flow(
    this.lens,
    (place) => {
      this.#slide.stop();
      this.#point(place);
    },
    () => this.#invalidate(true),
  );
  readonly #slide = new Slide((place) => this.#point(place));
  readonly #inspector = new Inspector();
  readonly #article = new Article();
  readonly #seen = byId('seen', HTMLCanvasElement);
  readonly #window = byId('seen-window', HTMLElement);
  #palette: Palette;
  #spec: ModelSpec | undefined;
  #weights: Weights = new Map();
  #names: readonly string[] = [];
  #overlay: Overlay = PLAIN;
  #pixels: Uint8Array = new Uint8Array();
  #place: Place | undefined;
  #isBuilt = false;
  #isScheduled = false;
  #painted = 0;
  #isPointed = false;
  #frameShown: Frame | undefined;

  /**
   * @param truth What the picture is, if it is known.
   * @param onAnswer Is given the probabilities whenever they are painted.
   */
  constructor(
    backend: Backend,
    palette: Palette,
    truth: () => number | undefined,
    onAnswer: (probabilities: Float32Array) => void,
  ) {
    this.#backend = backend;
    this.#truth = truth;
    this.#palette = palette;
    this.#onAnswer = onAnswer;
  }

  set palette(palette: Palette) {
    this.#palette = palette;
    this.#invalidate();
  }

  /** What is put before the network: bytes of its input shape. */
  set pixels(pixels: Uint8Array) {
    this.#pixels = pixels;
    this.#invalidate();
  }

  set weights(weights: Weights) {
    this.#weights = weights;
    this.#invalidate();
  }

  /** What is to be seen of the filters. */
  set overlay(overlay: Overlay) {
    this.#overlay = overlay;
    this.#invalidate();
  }

  /** Another network, with its weights, the names of its classes and a picture that fits it. */
  build(spec: ModelSpec, weights: Weights, names: readonly string[], pixels: Uint8Array): void {
    this.#spec = spec;
    this.#names = names;
    this.#weights = weights;
    this.#pixels = pixels;
    this.#isBuilt = false;
    this.#place = undefined;
    this.#frameShown = undefined;
    this.#slide.stop();
    this.#invalidate();
  }

  /** Looks at another place of the picture that is painted; all else stays as it is. */
  #point(place: Place): void {
    this.#place = place;
    if (this.#isPointed) return;
    this.#isPointed = true;
    requestAnimationFrame(() => {
      this.#isPointed = false;
      if (this.#frameShown !== undefined) this.#inspect(this.#frameShown);
    });
  }

  /** Asks for a picture: soon, or with the next frame of the screen. */
  #invalidate(isUrgent = false): void {
    if (isUrgent) this.#painted = 0;
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    requestAnimationFrame(() => this.#frame());
  }

  #frame(): void {
    const now = performance.now();
    if (now - this.#painted < INTERVAL) {
      requestAnimationFrame(() => this.#frame());
      return;
    }
    this.#painted = now;
    // in a task of its own: what the screen makes of a frame takes as long again, and would be part of this one
    setTimeout(() => this.#look());
  }

  /** Runs the network, and paints what it makes of the picture. */
  #look(): void {
    this.#isScheduled = false;
    const spec = this.#spec;
    if (spec === undefined || this.#weights.size === 0) return;
    const image = imageTensor(this.#pixels, spec.inputShape);
    const frame = runLayers(this.#backend.ops, spec, this.#weights, image);
    const [truth, names, overlay] = [this.#truth(), this.#names, this.#overlay];
    this.#paint({ ...frame, truth, names, overlay });
  }

  #paint(frame: Frame): void {
    if (!this.#isBuilt) {
      this.#place = this.#flow.build(frame);
      this.#isBuilt = true;
      this.#invalidate(true); // to paint hundreds of pictures takes as long as to make them
      return;
    }
    this.#frameShown = frame;
    this.#paintSeen(frame);
    this.#flow.paint(frame, this.#palette);
    this.#inspect(frame);
    this.#article.show(frame, this.#palette);
    this.#onAnswer(frame.values.at(-1)?.data ?? new Float32Array());
  }

  #paintSeen({ image }: Frame): void {
    const [, , height = 1, width = 1] = image.shape;
    const scale = { isSigned: false, most: 1 };
    paint(this.#seen, { width, height, values: image.data }, scale, this.#palette);
  }

  #inspect(frame: Frame): void {
    if (this.#place === undefined) return;
    const origin = this.#inspector.show(frame, this.#place, this.#palette);
    this.#flow.select(this.#place, origin);
    this.#slide.offer(frame, this.#place);
    this.#markWindow(origin.window, frame);
  }

  /** The frame around the patch, on the picture that the network sees. */
  #markWindow(window: Window | undefined, { image }: Frame): void {
    this.#window.hidden = window === undefined;
    if (window === undefined) return;
    const [, , height = 1, width = 1] = image.shape;
    const [spreadY, spreadX] = window.dilation;
    const { style } = this.#window;
    style.top = `${(100 * window.top) / height}%`;
    style.left = `${(100 * window.left) / width}%`;
    style.height = `${(100 * ((window.height - 1) * spreadY + 1)) / height}%`;
    style.width = `${(100 * ((window.width - 1) * spreadX + 1)) / width}%`;
  }
}
