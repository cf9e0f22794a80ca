/** What the page and the worker that measures say to each other. @module */
import type { BenchEvent, BenchRun, EffortName, Host } from 'convlet/bench';

export type Request =
  | {
      readonly type: 'run';
      readonly effort: EffortName;
      /** A regular expression; empty for everything. */
      readonly filter: string;
      readonly host: Host;
      readonly threads: number;
    }
  | { readonly type: 'stop' };

export type Reply =
  | { readonly type: 'event'; readonly event: BenchEvent }
  | { readonly type: 'done'; readonly run: BenchRun }
  | { readonly type: 'failed'; readonly message: string };
