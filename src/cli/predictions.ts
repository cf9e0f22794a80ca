/** Predictions as they are printed: text, a JSON object a line, or a table in CSV. @module */
import { csvLine } from '../node/csvLine.ts';
import { formatAccuracy } from './style.ts';
import { styler } from './terminal.ts';

/** How predictions are printed. */
export interface PredictionLines {
  /** The line before all others, if there is one. */
  readonly head?: string;
  line(image: string, probabilities: readonly number[]): string;
}

type Names = readonly string[] | undefined;

/** How many classes a line of text names. */
const SHOWN_CLASSES = 3;

/** The class, and the most likely ones with their probabilities. */
export function textLines(names: Names): PredictionLines {
  const style = styler(process.stdout);
  return {
    line(image, probabilities) {
      const [first, ...others] = probabilities
        .map((probability, index) => ({
          probability,
          name: names?.[index] ?? `${index}`,
        }))
        .sort((a, b) => b.probability - a.probability)
        .slice(0, SHOWN_CLASSES)
        .map(({ probability, name }) => [name, formatAccuracy(probability)]);
      const rest = others.map((pair) => pair.join(' ')).join(', ');
      return `${image}: ${style('bold', first?.[0] ?? '')} ${first?.[1] ?? ''}  ${style('dim', `then ${rest}`)}`;
    },
  };
}

/** `{ event: 'prediction', image, class, className?, probability, probabilities }` */
export function jsonLines(names: Names): PredictionLines {
  return {
    line: (image, probabilities) =>
      JSON.stringify({
        event: 'prediction',
        image,
        ...answerOf(probabilities, names),
        probabilities,
      }),
  };
}

/** `image,class,className,probability,probability.NAME,…` */
export function csvLines(names: Names, classes: number): PredictionLines {
  const all = names ?? Array.from({ length: classes }, (_, index) => String(index));
  return {
    head: csvLine([
      ...['image', 'class', 'className', 'probability'],
      ...all.map((name) => `probability.${name}`),
    ]),
    line(image, probabilities) {
      const { class: index, className, probability } = answerOf(probabilities, names);
      return csvLine([image, index, className, probability, ...probabilities]);
    },
  };
}

/** The most likely class. */
function answerOf(
  probabilities: readonly number[],
  names: Names,
): {
  readonly class: number;
  readonly className: string | undefined;
  readonly probability: number;
} {
  const probability = Math.max(...probabilities);
  const index = probabilities.indexOf(probability);
  return { class: index, className: names?.[index], probability };
}
