/** What the worker behind `convlet/worker` runs. scripts/build.js bundles it for browsers. @module */
import { listen } from '#host';
import { createBackend } from '../createBackend.ts';
import type { PageMessage } from './protocol.ts';
import { Server } from './serve.ts';

const post = listen((message: PageMessage) => server.hear(message));
const server = new Server(post, createBackend);
