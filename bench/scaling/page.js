/** docs/scaling.md. */

/** Of the predictions, those in the tables. */
const SHOWN = [8, 64, 1024];

export function page({ machine, isTiny, networks, links, failures, rows }) {
  const missing = failures.map(
    ({ name, reason }) => `${name} (${reason.replace(/^Error: |\.$/g, '')})`,
  );
  const measuredNames = links.filter(({ steps }) => steps.length > 0).map(({ name }) => name);
  return `# Scaling

How far ranks under MPI ([distributed.md](distributed.md)) pay: what two of them take on one machine, and what a model makes of it for
1,024. Made by \`npm run bench:scaling\`${isTiny ? ' with --tiny: **these figures mean nothing**' : ''} on ${machine}.

![For three networks, how many times as fast as one rank 1 to 1,024 ranks are: lines of the model, points that were measured](scaling.svg)

The upper row has a batch that grows with the ranks, the lower one the same batch for any number of ranks. Points are measured, lines are the model,
the dashed line would be ideal.

## The model

    seconds of a step = c₀ + c₁·n + 2·α·⌈log₂ R⌉ + β·(S / R + 1)·P·(R − 1) / R

    R   ranks                          n   images of a rank, the batch / R
    S   shards, 8 or R if that is more P   bytes of gradients, 4 for each parameter
    α   seconds of a meeting of two    β   seconds a byte that a rank receives

c₀ and c₁ are fitted to steps of 16, 128 and 512 images by two processes that do not know of one another: so the model has no figure of
two ranks that train together, and those figures can test it. That one process is faster while it is alone is a matter of this machine, whose
processors share a core, and not of ranks. α and β are fitted to gathers of 64 bytes to 8 MB.

| network | parameters | c₀ | c₁, an image | a step of 128, alone | the same beside another |
|---|--:|--:|--:|--:|--:|
${networks.map(networkRow).join('\n')}

| link | α | 1 / β |
|---|--:|--:|
${links.map(({ name, meeting, byte }) => `| ${name} | ${micro(meeting)} | ${megabytes(byte)} |`).join('\n')}
${missing.length > 0 ? `\nNot measured, as this machine cannot make it: ${missing.join('; ')}.\n` : ''}
## Measured, and predicted

Milliseconds of a step. "Pays to": up to so many ranks, of those asked about, each does at least half of what it would do alone.

| network | batch | link | 2 ranks, measured | model | ${SHOWN.map((ranks) => ranks.toLocaleString('en')).join(' | ')} | pays to |
|---|---|---|--:|--:|${SHOWN.map(() => '--:').join('|')}|--:|
${rows.map(stepRow).join('\n')}

## Where it stops paying, and what then

${conclusions(rows, measuredNames)}
- **A larger batch** for more ranks is the first thing that helps: the upper row against the lower one. The learning rate then has to rise with it, after a
  warm-up (Goyal et al., "Accurate, large minibatch SGD", 2017), and beyond some thousand images a batch learns less from each.
- **\`accumulate\`** makes one update of several batches, but every batch exchanges its gradients today, so it saves no bytes.
- **\`--reduce fast\`** moves 2·P·(R − 1) / R bytes, whatever the number of shards: up to 2.5 times less between two ranks, no less for eight and more.
- **Local steps**, ranks that meet only every few updates, would divide all of it by their number. They give other weights, and Convlet
  does not have them.
- **Several networks at a time** need no ranks at all: a sweep is a process for each.
`;
}

function networkRow({ network, parameters, computing, alone, beside }) {
  const of128 = (points) => milli(points.find(({ batch }) => batch === 128).seconds);
  return `| ${network} | ${parameters.toLocaleString('en')} | ${micro(computing.step)} | ${micro(computing.image)} | ${of128(alone)} ms | ${of128(beside)} ms |`;
}

function stepRow({ network, regime, link, measured, predicted, paying }) {
  const at = (ranks) => milli(predicted.find((point) => point.ranks === ranks).seconds);
  const two = measured ? milli(measured.seconds) : '–';
  return `| ${network} | ${regime} | ${link} | ${two} | ${[2, ...SHOWN].map(at).join(' | ')} | ${paying.toLocaleString('en')} |`;
}

function conclusions(rows, measuredNames) {
  const ratios = rows.flatMap(({ measured, predicted }) =>
    measured ? [measured.seconds / predicted[1].seconds] : [],
  );
  const [least, most] = [Math.min(...ratios), Math.max(...ratios)].map((ratio) => ratio.toFixed(2));
  return `- Two ranks took ${least} to ${most} times what the model says, over ${measuredNames.join(' and ')}.`;
}

function milli(seconds) {
  return threeDigits(seconds * 1e3);
}

function micro(seconds) {
  return `${threeDigits(seconds * 1e6)} µs`;
}

function threeDigits(value) {
  return Number(value.toPrecision(3)).toLocaleString('en', { maximumFractionDigits: 6 });
}

function megabytes(byte) {
  return byte > 0 ? `${Math.round(1 / byte / 1e6).toLocaleString('en')} MB/s` : '–';
}
