/** The model of the scaling study: seconds of a step = computing + meetings of the ranks + bytes that they move. */

/** Shards of a batch, unless there are more ranks. */
const SHARDS = 8;

/** Ranks meet twice in a step: exchange and gather (docs/distributed.md). A meeting of R ranks takes log₂ R turns. */
const MEETINGS = 2;

/** Seconds of a meeting of two ranks, and seconds a byte that a rank receives: each had half of the bytes of a point. */
export function fitLink(points) {
  const line = fitLine(points.map(({ bytes, seconds }) => ({ x: bytes / 2, y: seconds })));
  return { meeting: line.start, byte: line.slope };
}

/** Seconds of a step without images, and seconds an image. */
export function fitComputing(points) {
  const line = fitLine(points.map(({ batch, seconds }) => ({ x: batch, y: seconds })));
  return { step: line.start, image: line.slope };
}

/** @param network Its `computing` and `parameters`. @param batch Images of the step, in all. */
export function secondsOf({ computing, parameters }, link, ranks, batch) {
  const own = computing.step + computing.image * Math.ceil(batch / ranks);
  if (ranks === 1) return own;
  const received = ((Math.max(SHARDS, ranks) / ranks + 1) * 4 * parameters * (ranks - 1)) / ranks;
  return own + MEETINGS * link.meeting * Math.ceil(Math.log2(ranks)) + link.byte * received;
}

/** How many times as many images a second ranks do as one, with `batchOf(ranks)` images a step. */
export function speedUp(network, link, ranks, batchOf) {
  const rate = (count) => batchOf(count) / secondsOf(network, link, count, batchOf(count));
  return rate(ranks) / rate(1);
}

/** The most ranks, a power of two up to `most`, of which each does at least half of what it would do alone. */
export function payingRanks(network, link, batchOf, most) {
  let best = 1;
  for (let ranks = 2; ranks <= most; ranks *= 2) {
    if (speedUp(network, link, ranks, batchOf) >= ranks / 2) best = ranks;
  }
  return best;
}

/** Least squares, each point weighed by its own size: small ones count as much as large ones. No part is below 0. */
function fitLine(points) {
  let [w, x, y, xx, xy] = [0, 0, 0, 0, 0];
  for (const point of points) {
    const weight = 1 / point.y ** 2;
    w += weight;
    x += weight * point.x;
    y += weight * point.y;
    xx += weight * point.x * point.x;
    xy += weight * point.x * point.y;
  }
  const slope = (w * xy - x * y) / (w * xx - x * x);
  const start = (y - slope * x) / w;
  if (slope < 0) return { slope: 0, start: y / w };
  return start < 0 ? { slope: xy / xx, start: 0 } : { slope, start };
}
