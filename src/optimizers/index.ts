/** The factories of all optimizers: `optimizers.sgd({ learningRate: 0.01 })`. One line a file is the registry. @module */
export { adadelta } from './adadelta.ts';
export { adagrad } from './adagrad.ts';
export { adam, adamw } from './adam.ts';
export { momentum, nesterov } from './momentum.ts';
export { rmsprop } from './rmsprop.ts';
export { sgd } from './sgd.ts';
