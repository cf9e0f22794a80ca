/** Runs one side of the comparison beside the page. @module */
import { wordsOf } from '../errors.ts';
import { type ComparisonRequest, type Sample, type Side, sides } from './compare.ts';

export type Question =
  | {
      readonly type: 'begin';
      readonly side: keyof typeof sides;
      readonly request: ComparisonRequest;
    }
  | { readonly type: 'sample'; readonly milliseconds: number };

export type Reply =
  | { readonly losses: readonly number[] }
  | { readonly sample: Sample }
  | { readonly error: string };

let side: Side | undefined;

addEventListener('message', async ({ data }: MessageEvent<Question>) => {
  try {
    if (data.type === 'begin') {
      side = await sides[data.side](data.request);
      reply({ losses: side.losses });
    } else if (side !== undefined) reply({ sample: await side.sample(data.milliseconds) });
  } catch (error) {
    reply({ error: wordsOf(error) });
  }
});

function reply(message: Reply): void {
  postMessage(message);
}
