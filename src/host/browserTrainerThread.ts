/**
 * Starts a thread for the worker behind `convlet/worker`. This file runs in that worker and asks the page, where
 * `browserTrainer.ts` starts the thread.
 *
 *   trainer ─► page     ThreadRequest: both ports
 *   page ─► thread      a greeting with `line`, through which trainer and thread talk from then on
 *   page ─► trainer     through `control`: why the thread has ended
 *   trainer ─► page     through `control`: end the thread
 *
 * Reason: in Firefox 153, `new Worker` in a worker did not return once in 30 to 400 starts, and the worker cannot detect
 * it. In a page it always returned.
 * @module
 */
import { handleAt } from './browserHandle.ts';
import type { WorkerHandle } from './handle.ts';

export interface ThreadRequest {
  readonly type: 'startThread';
  readonly line: MessagePort;
  readonly control: MessagePort;
}

export function startThread(): WorkerHandle {
  const line = new MessageChannel();
  const control = new MessageChannel();
  const request: ThreadRequest = {
    type: 'startThread',
    line: line.port2,
    control: control.port2,
  };
  globalThis.postMessage(request, [request.line, request.control]);
  return handleAt(
    line.port1,
    (end) => {
      control.port1.onmessage = ({ data }: MessageEvent<string>) => end(data);
    },
    () => control.port1.postMessage(undefined),
  );
}
