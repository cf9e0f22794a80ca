/** The worker that measures steps: a job that fails is told, and the next one has another worker. */
import { layers } from 'convlet';
import { expect, it } from 'vitest';
import { Measurer } from '../../demo/src/steps/measurer.ts';

it('passes on the error of a job, and does the next one', async () => {
  const spec = { inputShape: [1, 2, 2], layers: [layers.flatten(), layers.softmax()] };
  const measurer = new Measurer();
  const broken = measurer.run(spec, 1, () => Promise.reject(new Error('broken')));
  await expect(broken).rejects.toThrow('broken');
  expect(await measurer.run(spec, 1, async () => 'done')).toBe('done');
});
