/** Normal numbers from random bits, in double precision: a quantile by halving an interval. @module */
import { normalDistribution } from './normal.ts';

/** Quantiles of 32 bits are within this limit; halved so often, an interval of twice the limit is below 10⁻¹¹. */
const [LIMIT, HALVINGS] = [8, 40];

/** `standardDeviation·Φ⁻¹((bits + ½) / 2³²)` for each integer of 32 bits, signed or not */
export function randomNormal(bits: ArrayLike<number>, standardDeviation: number): Float64Array {
  return Float64Array.from(
    bits,
    (word) => standardDeviation * quantile(((word >>> 0) + 0.5) / 2 ** 32),
  );
}

/** The x of which `Φ(x) = p` */
function quantile(p: number): number {
  let [low, high] = [-LIMIT, LIMIT];
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (normalDistribution(middle) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
