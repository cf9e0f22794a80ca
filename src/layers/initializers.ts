/**
 * How parameters are drawn before training. Fan-in and fan-out are the inputs that feed one output and the outputs that one
 * input feeds, counted as PyTorch does: `w.shape[1]` and `w.shape[0]`, times the kernel's height and width.
 *
 *   heNormal        σ = √(2 / fanIn)                  He et al., "Delving deep into rectifiers" (2015), section 2.2
 *   heUniform       ±√(6 / fanIn)
 *   glorotNormal    σ = √(2 / (fanIn + fanOut))       Glorot & Bengio, "Understanding the difficulty of training deep
 *   glorotUniform   ±√(6 / (fanIn + fanOut))          feedforward neural networks" (2010), eq. 16
 *   lecunNormal     σ = √(1 / fanIn)                  LeCun, Bottou, Orr & Müller, "Efficient backprop" (1998), section 4.6
 *   lecunUniform    ±√(3 / fanIn)
 *   torchUniform    ±√(1 / fanIn)                     torch's default for convolutions and linear layers, biases too
 * @module
 */
import { describe } from '../base/errors.ts';
import type { OptionCheck } from '../base/options.ts';
import type { Shape } from '../base/types.ts';

/** What a tensor holds before training: normal with a standard deviation, uniform from −limit to limit, or one value. */
export type Initial =
  | { readonly normal: number }
  | { readonly uniform: number }
  | { readonly constant: number };

/** A rule by name, or the numbers themselves. */
export type Initializer = keyof typeof rules | Initial;

const rules = {
  heNormal: (fanIn: number): Initial => ({ normal: Math.sqrt(2 / fanIn) }),
  heUniform: (fanIn: number): Initial => ({ uniform: Math.sqrt(6 / fanIn) }),
  glorotNormal: (fanIn: number, fanOut: number): Initial => ({
    normal: Math.sqrt(2 / (fanIn + fanOut)),
  }),
  glorotUniform: (fanIn: number, fanOut: number): Initial => ({
    uniform: Math.sqrt(6 / (fanIn + fanOut)),
  }),
  lecunNormal: (fanIn: number): Initial => ({ normal: Math.sqrt(1 / fanIn) }),
  lecunUniform: (fanIn: number): Initial => ({ uniform: Math.sqrt(3 / fanIn) }),
  torchUniform: (fanIn: number): Initial => ({ uniform: Math.sqrt(1 / fanIn) }),
  zeros: (): Initial => ({ constant: 0 }),
  ones: (): Initial => ({ constant: 1 }),
};

const FORMS = ['normal', 'uniform', 'constant'];

/** The initial values that an initializer means for a layer whose weight has this shape. */
export function initialOf(initializer: Initializer, weight: Shape): Initial {
  if (typeof initializer !== 'string') return initializer;
  const [first = 0, second = 0, ...kernel] = weight;
  const taps = kernel.reduce((product, size) => product * size, 1);
  return rules[initializer](second * taps, first * taps);
}

/** An option that names an initializer, or is `{ normal: σ }`, `{ uniform: limit }` or `{ constant: v }`. */
export const initializer: OptionCheck = (where, name, value) => {
  if (typeof value === 'string' && Object.hasOwn(rules, value)) return;
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  const [[form, number] = ['', undefined]] = entries;
  if (entries.length !== 1 || !FORMS.includes(form) || typeof number !== 'number') {
    throw new TypeError(
      `${where}: expected ${name} of ${Object.keys(rules).join(', ')}, or { normal }, { uniform } or { constant } with a number, got ${describe(value)}. Use one of these.`,
    );
  }
  const isNumber = Number.isFinite(Math.fround(number));
  if (isNumber && (form === 'constant' || number >= 0)) return;
  throw new RangeError(
    `${where}: expected ${name}.${form} to be a finite number${form === 'constant' ? '' : ' of at least 0'}, got ${number}. Use a number in this range.`,
  );
};
