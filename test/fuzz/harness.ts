/**
 * Fuzzing: random inputs, most of them valid ones after damage, for everything that reads what a stranger wrote. A case is right
 * if the input is taken for what it says, or refused in a sentence of ours. Every failure is told with the command that repeats it.
 */
import fc from 'fast-check';

/** What is fed, and what it may answer. */
export interface Target<Input = unknown, Value = unknown> {
  readonly name: string;
  readonly inputs: fc.Arbitrary<Input>;
  /** Bytes or characters of an input: memory and time may grow with them. */
  size(input: Input): number;
  /** Reads the input, or throws. */
  read(input: Input): Value | Promise<Value>;
  /** Throws unless the value is what the input means. */
  check(value: Value, input: Input): void | Promise<void>;
  /** An input as the report of a failure shows it. */
  show(input: Input): string;
  /** Throws unless an error is a refusal; by default it has the form of the library's errors. */
  refusal?(error: Error): void;
  /** Cases in `npm test`. */
  readonly runs: number;
}

/** Inputs of a run that were taken, and inputs that were refused. */
export interface Outcome {
  taken: number;
  refused: number;
}

export interface RunOptions {
  readonly seed: number;
  readonly runs: number;
  /** Of a failure: repeats this case alone. */
  readonly path?: string | undefined;
}

/** Memory that a case may add to the process: a garbage collector is late. */
const MOST_BYTES = 256 * 2 ** 20;
/** Bytes of memory for each byte of an input. */
const BYTES_A_BYTE = 2000;
/** Processor time of a case, in microseconds: on a busy machine it stays what it is. */
const MOST_MICROSECONDS = 10e6;
const MICROSECONDS_A_BYTE = 20;

/** Names of errors that are thrown on purpose. */
const NAMES = ['TypeError', 'RangeError', 'ShapeError', 'FormatError', 'DivergenceError', 'Error'];
/** `<where>: expected <what>, got <what>. <what to do>.` */
const SENTENCE = /^[^\n]+: [^\n]*expected [^\n]+, got [^\n]+\. [A-Z][^\n]+\.$/;
/** Texts of engines, in V8's words. */
export const ENGINE =
  /is not a function|not iterable|Cannot (?:read|set|convert|mix|create|destructure|assign|redefine|add|delete)|is not defined|out of bounds|[Ss]tart offset|Invalid (?:typed|array|string|time|date|regular)|not a constructor|could not be cloned|divide by zero|unreachable|internal:|must be of type|call stack|Maximum|allocation failed|Unexpected token|byte length of|Object prototype|circular/;
/** What may not reach a terminal: control characters, and those that turn the direction of a text. */
const CONTROL = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;
const MOST_CHARACTERS = 1500;

/** Throws unless an error is a refusal of the library. */
export function expectRefusal(error: Error): void {
  const { name, message } = error;
  if (!NAMES.includes(name)) throw new Error(`refused by ${name}: ${message}`, { cause: error });
  if (!SENTENCE.test(message)) {
    throw new Error(`refused in another form: ${name}: ${message}`, { cause: error });
  }
  expectPlainText(error);
}

/** Throws unless a message is short, on one line, without what moves a terminal, and not an engine's. */
export function expectPlainText(error: Error): void {
  const { message } = error;
  if (CONTROL.test(message)) {
    throw new Error(`control characters: ${JSON.stringify(message)}`, { cause: error });
  }
  if (message.length > MOST_CHARACTERS) throw new Error(`${message.length} characters: ${message}`);
  if (ENGINE.test(message)) throw new Error(`in an engine's words: ${message}`, { cause: error });
}

/** The parts of the language that a polluted prototype would show on. */
const prototypes = [Object.prototype, Array.prototype, Function.prototype, Map.prototype];
const keyCounts = prototypes.map((prototype) => Reflect.ownKeys(prototype).length);

function expectNoPollution(): void {
  for (const [i, prototype] of prototypes.entries()) {
    if (Reflect.ownKeys(prototype).length !== keyCounts[i]) {
      throw new Error(`polluted: ${Reflect.ownKeys(prototype).map(String).join(' ')}`);
    }
  }
}

/**
 * Feeds a target.
 * @throws {Error} on the first wrong case, made as small as fast-check can, with the command that repeats it.
 */
export async function fuzz<Input, Value>(
  target: Target<Input, Value>,
  { seed, runs, path }: RunOptions,
): Promise<Outcome> {
  const outcome: Outcome = { taken: 0, refused: 0 };
  const rejections: unknown[] = [];
  const note = (reason: unknown) => void rejections.push(reason);
  process.on('unhandledRejection', note);
  const property = fc.asyncProperty(target.inputs, async (input) => {
    const size = target.size(input);
    const [{ user, system }, { maxRSS }] = [process.cpuUsage(), process.resourceUsage()];
    outcome[await answer(target, input)]++;
    expectNoPollution();
    if (rejections.length > 0) throw new Error(`unhandled: ${rejections.splice(0)}`);
    const spent = process.cpuUsage({ user, system });
    const microseconds = spent.user + spent.system;
    if (microseconds > MOST_MICROSECONDS + MICROSECONDS_A_BYTE * size) {
      throw new Error(`${(microseconds / 1e6).toFixed(1)} s of processor time for ${size} bytes`);
    }
    const grown = (process.resourceUsage().maxRSS - maxRSS) * 1024;
    if (grown > MOST_BYTES + BYTES_A_BYTE * size) {
      throw new Error(`${(grown / 2 ** 20).toFixed(0)} MiB more for ${size} bytes`);
    }
  });
  try {
    const result = await fc.check(property, {
      seed,
      numRuns: runs,
      ...(path !== undefined && { path }),
    });
    if (!result.failed) return outcome;
    const [input] = result.counterexample ?? [];
    const cause = result.errorInstance as Error;
    throw new Error(
      `${target.name}: ${cause.message}\n` +
        `input: ${input === undefined ? 'none' : target.show(input)}\n` +
        `to repeat: npm run fuzz -- --target ${target.name} --seed ${seed} --path ${result.counterexamplePath}`,
      { cause },
    );
  } finally {
    process.off('unhandledRejection', note);
  }
}

async function answer<Input, Value>(
  target: Target<Input, Value>,
  input: Input,
): Promise<keyof Outcome> {
  let value: Value;
  try {
    value = await target.read(input);
  } catch (error) {
    if (!(error instanceof Error)) throw new Error(`thrown: ${String(error)}`);
    (target.refusal ?? expectRefusal)(error);
    return 'refused';
  }
  await target.check(value, input);
  return 'taken';
}
