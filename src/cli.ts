#!/usr/bin/env node
/** The command `convlet`. @module */
import { start } from './cli/start.ts';

void start();
