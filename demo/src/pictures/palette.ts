/**
 * The page's two palettes. Signed values run from orange over the colour of the paper to blue, which colour-blind eyes
 * tell apart; activations, which are never negative, from the paper over teal to navy, or in the dark the other way.
 * Anchors are mixed in linear light, so that the steps look even.
 * @module
 */

type Colour = readonly [red: number, green: number, blue: number];

interface Anchors {
  readonly signed: readonly string[];
  readonly activation: readonly string[];
}

const ANCHORS: Readonly<Record<'light' | 'dark', Anchors>> = {
  light: {
    signed: ['#7a3403', '#c9661a', '#efb481', '#f3f1ec', '#9fc6e6', '#3a82bf', '#0e3b6b'],
    activation: ['#f3f1ec', '#cde3dd', '#83c1c0', '#3a93a8', '#22618e', '#1c2f60'],
  },
  dark: {
    signed: ['#ffd9b0', '#f2994a', '#8a4714', '#1b2028', '#1c4e80', '#4c9bdc', '#c6e3fd'],
    activation: ['#1b2028', '#1e3560', '#1f6390', '#3195a9', '#82c6be', '#ecf8ea'],
  },
};

const LEVELS = 256;

/** Colours of `LEVELS` values, as a canvas takes them: least byte red. */
export interface Palette {
  /** From −1 to 1. */
  readonly signed: Uint32Array;
  /** From 0 to 1. */
  readonly activation: Uint32Array;
}

export function paletteOf(theme: 'light' | 'dark'): Palette {
  const { signed, activation } = ANCHORS[theme];
  return { signed: table(signed), activation: table(activation) };
}

/** Which entry of a table stands for `value` between `least` and `most`; values beyond take the last. */
export function level(value: number, least: number, most: number): number {
  const share = (value - least) / (most - least);
  return share > 0 ? Math.min(LEVELS - 1, Math.round(share * (LEVELS - 1))) : 0;
}

/** The colour of an entry and of text on it, as CSS has them. */
export function cssOf(entry: number): { background: string; text: string } {
  const [red, green, blue] = [entry & 255, (entry >>> 8) & 255, (entry >>> 16) & 255];
  const luminance = 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
  // where black and white stand out alike: 4.58 to 1
  return { background: `rgb(${red} ${green} ${blue})`, text: luminance > 0.179 ? '#000' : '#fff' };
}

function table(anchors: readonly string[]): Uint32Array {
  const colours = anchors.map(parse);
  return Uint32Array.from({ length: LEVELS }, (_, i) => {
    const at = (i / (LEVELS - 1)) * (colours.length - 1);
    const index = Math.min(colours.length - 2, Math.floor(at));
    const [from, to] = [colours[index], colours[index + 1]];
    const [red = 0, green = 0, blue = 0] = [0, 1, 2].map((channel) =>
      mix(from?.[channel] ?? 0, to?.[channel] ?? 0, at - index),
    );
    return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
  });
}

function parse(hex: string): Colour {
  const value = Number.parseInt(hex.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

function mix(from: number, to: number, share: number): number {
  const value = linear(from) * (1 - share) + linear(to) * share;
  return Math.round(
    255 * (value <= 0.0031308 ? value * 12.92 : 1.055 * value ** (1 / 2.4) - 0.055),
  );
}

/** sRGB to linear light (IEC 61966-2-1). */
function linear(byte: number): number {
  const value = byte / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}
