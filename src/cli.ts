#!/usr/bin/env node
/** The command `convlet`. @module */
import { endOnSignals } from './cli/signals.ts';

endOnSignals(); // also while the rest is loaded
const { main } = await import('./cli/main.ts');
await main();
