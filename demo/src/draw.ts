/** The pad: strokes of a pen, kept as lines, so that one can be undone. @module */
import { type GreyImage, prepareDigit } from 'convlet';
import { byId, contextOf } from './dom.ts';

interface Stroke {
  readonly width: number;
  readonly points: [x: number, y: number][];
}

/** The size that strokes are kept in, whatever the size on the page. */
const SIZE = 392;
/** Of the picture that is made smaller still: enough for 28×28, and few enough pixels for every move of a pen. */
const PICTURE = { width: 112, height: 112 } as const;

export class Pad {
  readonly #canvas = byId('pad', HTMLCanvasElement);
  readonly #pen = byId('pen', HTMLInputElement);
  readonly #undo = byId('pad-undo', HTMLButtonElement);
  readonly #clear = byId('pad-clear', HTMLButtonElement);
  readonly #hint = byId('pad-hint', HTMLElement);
  readonly #onChange: (digit: Uint8Array | undefined) => void;
  readonly #prepare: (picture: GreyImage) => Uint8Array;
  #strokes: Stroke[] = [];
  /** Whose stroke is the last one: others do not extend it. */
  #pointer = 0;
  #colour = '#000';
  #isScheduled = false;
  #isUsable = true;

  /**
   * @param onChange Is given the drawing, prepared, or undefined where the pad is empty.
   * @param prepare Makes of dark strokes on light paper what a network reads: by default as MNIST's digits were prepared.
   */
  constructor(
    onChange: (digit: Uint8Array | undefined) => void,
    prepare: (picture: GreyImage) => Uint8Array = prepareDigit,
  ) {
    this.#prepare = prepare;
    this.#onChange = onChange;
    const canvas = this.#canvas;
    canvas.addEventListener('pointerdown', (event) => this.#begin(event));
    canvas.addEventListener('pointermove', (event) => this.#extend(event));
    this.#undo.addEventListener('click', () => this.#change(this.#strokes.slice(0, -1)));
    this.#clear.addEventListener('click', () => this.clear());
  }

  clear(): void {
    this.#change([]);
  }

  /** Empties the pad without telling anybody. */
  wipe(): void {
    this.#strokes = [];
    this.#repaint();
  }

  /** What is drawn is prepared as 28×28; for pictures of other sizes the pad rests. */
  set isUsable(isUsable: boolean) {
    this.#isUsable = isUsable;
    this.#hint.textContent = isUsable ? 'draw here' : 'draws 28 × 28 only';
    this.wipe();
  }

  /** Paints in the colour of the theme. */
  setColour(colour: string): void {
    this.#colour = colour;
    this.#repaint();
  }

  #begin(event: PointerEvent): void {
    if (event.button !== 0 || !this.#isUsable) return;
    event.preventDefault();
    this.#canvas.setPointerCapture(event.pointerId);
    this.#pointer = event.pointerId;
    const stroke = { width: Number(this.#pen.value), points: [this.#pointOf(event)] };
    this.#change([...this.#strokes, stroke]);
  }

  #extend(event: PointerEvent): void {
    const stroke = this.#strokes.at(-1);
    const { pointerId } = event;
    if (stroke === undefined || pointerId !== this.#pointer) return; // a palm or a second finger
    if (!this.#canvas.hasPointerCapture(pointerId)) return;
    const events = event.getCoalescedEvents?.() ?? [];
    for (const part of events.length > 0 ? events : [event])
      stroke.points.push(this.#pointOf(part));
    this.#change(this.#strokes);
  }

  #pointOf({ clientX, clientY }: PointerEvent): [number, number] {
    const { left, top, width, height } = this.#canvas.getBoundingClientRect();
    return [((clientX - left) * SIZE) / width, ((clientY - top) * SIZE) / height];
  }

  /** A pen moves more often than the screen is painted: the digit is prepared once a frame. */
  #change(strokes: Stroke[]): void {
    this.#strokes = strokes;
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    requestAnimationFrame(() => {
      this.#isScheduled = false;
      this.#repaint();
      this.#onChange(this.#strokes.length === 0 ? undefined : this.#prepare(this.#picture()));
    });
  }

  #repaint(): void {
    const context = contextOf(this.#canvas);
    context.clearRect(0, 0, SIZE, SIZE);
    drawStrokes(context, this.#strokes, this.#colour);
    const isEmpty = this.#strokes.length === 0;
    this.#undo.disabled = isEmpty;
    this.#clear.disabled = isEmpty;
    this.#hint.hidden = !isEmpty;
  }

  /** Dark strokes on light paper, whatever the theme. */
  #picture(): GreyImage {
    const { width, height } = PICTURE;
    const context = contextOf(Object.assign(document.createElement('canvas'), PICTURE));
    context.fillStyle = '#fff';
    context.fillRect(0, 0, width, height);
    context.scale(width / SIZE, height / SIZE);
    drawStrokes(context, this.#strokes, '#000');
    const { data } = context.getImageData(0, 0, width, height);
    const pixels = Uint8Array.from({ length: width * height }, (_, i) => data[4 * i] ?? 255);
    return { width, height, pixels };
  }
}

function drawStrokes(
  context: CanvasRenderingContext2D,
  strokes: readonly Stroke[],
  colour: string,
): void {
  context.strokeStyle = colour;
  context.lineCap = 'round';
  context.lineJoin = 'round';
  for (const { width, points } of strokes) {
    context.lineWidth = width;
    context.beginPath();
    for (const [x, y] of points) context.lineTo(x, y);
    const [[x, y] = [0, 0]] = points;
    if (points.length === 1) context.lineTo(x + 0.01, y);
    context.stroke();
  }
}
