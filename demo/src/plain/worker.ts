/** Runs the comparison beside the page. @module */
import { type ComparisonRequest, compare } from './compare.ts';

addEventListener('message', async ({ data }: MessageEvent<ComparisonRequest>) => {
  try {
    postMessage({ comparison: await compare(data) });
  } catch (error) {
    postMessage({ error: error instanceof Error ? error.message : String(error) });
  }
});
