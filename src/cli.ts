#!/usr/bin/env node
/** The command `convlet`. @module */
import { endOnSignals } from './cli/signals.ts';
import { start } from './cli/start.ts';

endOnSignals(); // also while the rest is loaded
await start();
