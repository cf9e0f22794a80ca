/** The Kubernetes Job of `examples/sweep`, held against the schema of Kubernetes' own API (batch/v1). */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Job } from 'kubernetes-models/batch/v1';
import { expect, it } from 'vitest';

const file = fileURLToPath(new URL('../../examples/sweep/job.json', import.meta.url));
const manifest = () => JSON.parse(readFileSync(file, 'utf8'));

it('is a Job as Kubernetes takes it', () => {
  const { kind, apiVersion, spec } = manifest();
  expect([apiVersion, kind, spec.completionMode]).toEqual(['batch/v1', 'Job', 'Indexed']);
  expect(() => new Job(manifest()).validate()).not.toThrow();
});

it('is held against a schema that finds faults', () => {
  const { spec, ...rest } = manifest();
  const withSpec = (change: object) => () =>
    new Job({ ...rest, spec: { ...spec, ...change } }).validate();
  expect(withSpec({ completions: 'eight' })).toThrow('completions must be integer');
  expect(withSpec({ template: undefined })).toThrow('template');
});
