/** ConvNetJS: plain JavaScript in double precision, image by image. Argument: FOLDER. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { serve, stepwise } from '../protocol.js';

const FILTERS = 12;
const POOLED = 13;
const SIDE = 28;

await serve(async (work) => {
  const require = createRequire(import.meta.url);
  const { Net, Trainer, Vol } = require('convnetjs');
  const { version } = JSON.parse(readFileSync(require.resolve('convnetjs/package.json'), 'utf8'));
  const net = new Net();
  net.makeLayers([
    { type: 'input', out_sx: SIDE, out_sy: SIDE, out_depth: 1 },
    { type: 'conv', sx: 3, filters: FILTERS, stride: 1, pad: 0, activation: 'relu' },
    { type: 'pool', sx: 2, stride: 2 },
    { type: 'softmax', num_classes: 10 },
  ]);
  const options = { method: 'sgd', momentum: 0, learning_rate: work.learningRate };
  const trainer = new Trainer(net, { ...options, batch_size: work.batchSize });
  const volume = new Vol(SIDE, SIDE, 1, 0);
  return stepwise(work, {
    version,
    reset: () => setWeights(net, work.weights),
    step(x, y) {
      let [loss, correct] = [0, 0];
      for (let n = 0; n < y.length; n++) {
        volume.w.set(x.subarray(n * SIDE * SIDE, (n + 1) * SIDE * SIDE));
        loss += trainer.train(volume, y[n]).cost_loss;
        if (net.getPrediction() === y[n]) correct++;
      }
      return { loss: loss / y.length, correct };
    },
  });
});

/** ConvNetJS has volumes with channels last; a dense layer has a filter over such a volume for each output. */
function setWeights(net, weights) {
  const [conv] = net.layers.filter(({ layer_type }) => layer_type === 'conv');
  const [dense] = net.layers.filter(({ layer_type }) => layer_type === 'fc');
  const get = (key) => weights.get(key).data;
  for (const [f, filter] of conv.filters.entries()) {
    filter.w.set(get('0.weight').subarray(f * 9, f * 9 + 9));
  }
  conv.biases.w.set(get('0.bias'));
  const positions = POOLED * POOLED;
  for (const [o, filter] of dense.filters.entries()) {
    for (let i = 0; i < FILTERS * positions; i++) {
      const [channel, position] = [Math.floor(i / positions), i % positions];
      filter.w[position * FILTERS + channel] = get('4.weight')[o * FILTERS * positions + i];
    }
  }
  dense.biases.w.set(get('4.bias'));
}
