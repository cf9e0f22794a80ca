/** The table of all targets. A reader of anything from outside needs a row. */
import { files } from './files.ts';
import type { Target } from './harness.ts';
import { imports } from './imports.ts';
import { models } from './models.ts';
import { options } from './options.ts';

export const targets: readonly Target[] = [...files, ...models, ...imports, ...options];
