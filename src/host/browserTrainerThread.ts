/**
 * Starts a thread for the worker behind `convlet/worker`, in which this runs: the page does it, `browserTrainer.ts`.
 *
 *   trainer ─► page     ThreadRequest: both ports
 *   page ─► thread      a greeting with `line`, where trainer and thread talk from then on
 *   page ─► trainer     at `control`: why the thread has ended
 *   trainer ─► page     at `control`: end it
 *
 * In Firefox `new Worker` in a worker may never return (153: once in 30 to 400 starts, and nothing here can tell); in a
 * page it always did.
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
