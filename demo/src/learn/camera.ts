/** The camera: asked for when it is chosen, and let go when something else is. @module */
import { byId } from '../dom.ts';
import { type Pixels, squareOf } from './pixels.ts';

/** Milliseconds between two looks. */
const INTERVAL = 100;

export class Camera {
  readonly #video = byId('camera', HTMLVideoElement);
  readonly #onFrame: (pixels: Pixels) => void;
  readonly #onEnd: () => void;
  #stream: MediaStream | undefined;
  #timer = 0;
  /** Which start this is: the visitor may have chosen something else while the browser asked. */
  #starts = 0;

  /** @param onEnd Is called if the camera ends by itself: it was unplugged, or is allowed no longer. */
  constructor(onFrame: (pixels: Pixels) => void, onEnd: () => void) {
    this.#onFrame = onFrame;
    this.#onEnd = onEnd;
  }

  /** @throws {Error} in plain words, if there is none or it is not allowed, and nothing else was chosen meanwhile. */
  async start(): Promise<void> {
    const start = ++this.#starts;
    const isWanted = () => start === this.#starts;
    if (navigator.mediaDevices === undefined) {
      throw new Error('A page may use the camera only over https or on this machine.');
    }
    try {
      const video = { width: { ideal: 640 }, height: { ideal: 480 } };
      const stream = await navigator.mediaDevices.getUserMedia({ video });
      if (isWanted()) await this.#play(stream);
      else release(stream);
    } catch (cause) {
      if (isWanted()) throw new Error(refusal(cause), { cause });
    }
    if (isWanted()) this.#timer = window.setInterval(() => this.#look(), INTERVAL);
  }

  async #play(stream: MediaStream): Promise<void> {
    this.#stream = stream;
    for (const track of stream.getTracks()) {
      track.addEventListener('ended', () => {
        if (stream === this.#stream) this.#onEnd();
      });
    }
    this.#video.srcObject = stream;
    await this.#video.play();
  }

  stop(): void {
    this.#starts++;
    clearInterval(this.#timer);
    if (this.#stream !== undefined) release(this.#stream);
    this.#stream = undefined;
    this.#video.srcObject = null;
  }

  #look(): void {
    const { videoWidth, videoHeight } = this.#video;
    if (videoWidth > 0 && !document.hidden) {
      this.#onFrame(squareOf(this.#video, videoWidth, videoHeight));
    }
  }
}

function release(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

function refusal(cause: unknown): string {
  const name = cause instanceof Error ? cause.name : '';
  if (name === 'NotAllowedError') {
    return 'The browser did not allow the camera. Allow it beside the address of the page, then choose Camera again.';
  }
  if (name === 'NotFoundError') return 'There is no camera on this machine. Draw, or take files.';
  return 'The camera is not to be had; another program may be using it. Draw, or take files.';
}
