/** The figures of the study beside the model: how much faster so many ranks are, over each link. */
import { A_RANK, IN_ALL } from './measure.js';
import { fitComputing, fitLink, payingRanks, secondsOf, speedUp } from './model.js';

/** Ranks that the model is asked about. */
const MOST_RANKS = 1024;
export const RANKS = Array.from({ length: Math.log2(MOST_RANKS) + 1 }, (_, n) => 2 ** n);

/** How the images of a step are chosen. */
const REGIMES = [
  { regime: `${A_RANK} images a rank`, batchOf: (ranks) => A_RANK * ranks },
  { regime: `${IN_ALL} images in all`, batchOf: () => IN_ALL },
];

/** What cannot be measured on one machine: the network of a data centre, as its makers give it. */
const ASSUMED = { name: '25 Gbit/s and 20 µs, assumed', meeting: 20e-6, byte: 8 / 25e9, steps: [] };

/** @returns networks with their computing, links with what they cost, and a row for each network, link and regime. */
export function study({ networks, links, ...rest }) {
  const fitted = networks.map((own) => ({ ...own, computing: fitComputing(own.beside) }));
  const costs = [...links.map((link) => ({ ...link, ...fitLink(link.points) })), ASSUMED];
  const rows = fitted.flatMap((network) =>
    costs.flatMap((link) => REGIMES.map((regime) => rowOf(network, link, regime))),
  );
  return { ...rest, networks: fitted, links: costs, rows };
}

function rowOf(network, link, { regime, batchOf }) {
  const step = link.steps.find(
    (found) => found.network === network.network && found.batch === batchOf(2),
  );
  const alone = secondsOf(network, link, 1, batchOf(1)) / batchOf(1);
  return {
    network: network.network,
    link: link.name,
    regime,
    predicted: RANKS.map((ranks) => ({
      ranks,
      seconds: secondsOf(network, link, ranks, batchOf(ranks)),
      speedUp: speedUp(network, link, ranks, batchOf),
    })),
    measured: step && {
      ranks: 2,
      seconds: step.seconds,
      speedUp: (alone * step.batch) / step.seconds,
    },
    paying: payingRanks(network, link, batchOf, MOST_RANKS),
  };
}
