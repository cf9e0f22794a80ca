/** Digits for the demo's pad: what is drawn, as strokes of its pen, and what the page reads. */
import type { Page } from 'puppeteer-core';
import { enlarge, type Line, linesOf, thin } from './thinning.ts';

/** Strokes of one width, in the units of the pad. */
export interface Drawing {
  readonly width: number;
  readonly lines: readonly Line[];
}

/** The side of the pad. */
const PAD = 392;
/** The pad's pen as the page opens. */
const PEN = 30;
/** The side of MNIST's digits. */
const SIDE = 28;
/** Pixels that a pixel of the digit is cut into, for outlines as smooth as they were. */
const FINE = 4;
/** Units of the pad for a pixel of the digit: as large as the pad allows, and smaller. */
const BITMAP_SCALES = [9, 11, 13, 15, 17];
const STROKE_SCALES = [10, 11, 12, 13, 14];

/** The ink of a digit, scaled and shifted: a stroke for each run of fine pixels in a row, as wide as a row is high. */
export function bitmapDrawing(pixels: Uint8Array, random: () => number): Drawing {
  const { ink, width } = enlarge(pixels, SIDE, FINE);
  const rows = Array.from({ length: width }, (_, y) => ink.subarray(y * width, (y + 1) * width));
  const runs = rows.flatMap((row, y): Line[] =>
    Array.from(row.join('').matchAll(/1+/g), ({ index, 0: run }) => [
      [index + 0.5, y + 0.5],
      [index + run.length - 0.5, y + 0.5],
    ]),
  );
  const scale = oneOf(BITMAP_SCALES, random) / FINE;
  return place(runs, scale, scale, random);
}

/** The skeleton of a digit, scaled and shifted, drawn with the pen as the page has it. */
export function strokeDrawing(pixels: Uint8Array, random: () => number): Drawing {
  const lines = linesOf(thin(enlarge(pixels, SIDE, FINE)));
  return place(lines, oneOf(STROKE_SCALES, random) / FINE, PEN, random);
}

function place(
  lines: readonly Line[],
  scale: number,
  width: number,
  random: () => number,
): Drawing {
  const shift = (axis: 0 | 1) => {
    const all = lines.flat().map((point) => point[axis] * scale);
    const [least, most] = [Math.min(...all), Math.max(...all)];
    return width / 2 - least + random() * Math.max(0, PAD - width - (most - least));
  };
  const [right, down] = [shift(0), shift(1)];
  return {
    width,
    lines: lines.map((line) => line.map(([x, y]) => [x * scale + right, y * scale + down])),
  };
}

function oneOf(list: readonly number[], random: () => number): number {
  return list[Math.floor(random() * list.length)] ?? 1;
}

/** Draws one after another on the pad, each on an empty one. @returns what the page reads each as. */
export async function readDrawings(page: Page, drawings: readonly Drawing[]): Promise<number[]> {
  return (await page.evaluate(
    `(${DRAW})(${JSON.stringify(drawings)}, ${JSON.stringify(PAD)})`,
  )) as number[];
}

/** In the page. The digit is prepared in the next frame of the screen, and read in the first one 60 ms after the last reading. */
const DRAW = `async (drawings, size) => {
  const [pad, pen, clear, answer] = ['pad', 'pen', 'pad-clear', 'bar-answer'].map((id) => document.getElementById(id));
  pad.setPointerCapture = () => {}; // a browser captures no pointer that a script has made
  pad.hasPointerCapture = () => true;
  const send = (type, [x, y], { left, top, width: side }) => pad.dispatchEvent(new PointerEvent(type, {
    clientX: left + (x * side) / size, clientY: top + (y * side) / size, bubbles: true, pointerId: 1,
  }));
  const frame = () => new Promise(requestAnimationFrame);
  const readings = [];
  for (const { width, lines } of drawings) {
    clear.click();
    pen.min = Math.min(pen.min, width); // rows of a bitmap are finer than a pen
    pen.step = 'any';
    pen.value = width;
    const box = pad.getBoundingClientRect();
    for (const [first, ...others] of lines) {
      send('pointerdown', first, box);
      for (const point of others) send('pointermove', point, box);
    }
    await frame();
    const until = performance.now() + 100;
    while (performance.now() < until) await frame();
    await frame();
    readings.push(Number(/^reads (\\d),/.exec(answer.textContent)?.[1]));
  }
  return readings;
}`;
