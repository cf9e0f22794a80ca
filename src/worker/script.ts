/** What the worker behind `convlet/worker` runs. scripts/build.js bundles it for browsers. @module */
import { listen } from '#host';
import { startThread } from '#host/trainerThread';
import { kernelsUrl } from '../host/files.ts';
import { Runtime, startRuntime } from '../model/runtime.ts';
import type { PageMessage } from './protocol.ts';
import { Server } from './serve.ts';

const post = listen((message: PageMessage) => server.hear(message));
const server = new Server(
  post,
  async (options) => new Runtime(await startRuntime(options, { wasm: kernelsUrl, startThread })),
);
