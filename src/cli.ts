#!/usr/bin/env node
/** The command `convlet`. @module */
import { main } from './cli/main.ts';

void main();
