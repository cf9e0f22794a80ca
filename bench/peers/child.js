/** A peer's program: started once, then asked line by line (see protocol.js). */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** One thread for libraries that would take more, and the kernels that fit the machine. */
function environment() {
  const one = { OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', MKL_NUM_THREADS: '1' };
  const { OPENBLAS_CORETYPE: _core, OPENBLAS_L2_SIZE: _cache, ...inherited } = process.env;
  return { ...inherited, ...one };
}

export class Child {
  #process;
  #lines;
  #complaint = '';

  constructor([command, ...args], extra = {}) {
    const env = { ...environment(), ...extra };
    this.#process = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#process.on('error', ({ message }) => {
      this.#complaint = message;
    });
    this.#process.stdin.on('error', () => {}); // the program has ended, which `#answer` reports
    this.#process.stderr.on('data', (text) => {
      this.#complaint = `${this.#complaint}${text}`.slice(-2000);
    });
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  /** The first line: `{ version }` or `{ unavailable }`. */
  async greeting() {
    try {
      return await this.#answer();
    } catch (error) {
      return { unavailable: error.message };
    }
  }

  /** @throws {Error} with the program's own message if it fails or ends. */
  async ask(command, steps, times = 0) {
    this.#process.stdin.write(`${command} ${steps} ${times}\n`);
    const answer = await this.#answer();
    if (answer.error !== undefined) throw new Error(firstLine(answer.error));
    return answer;
  }

  /** Ends the program. */
  close() {
    this.#process.stdin.end();
    this.#process.kill();
  }

  async #answer() {
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done) throw new Error(complaintOf(this.#complaint) || 'it ended without a word');
      if (value.startsWith('{')) return JSON.parse(value);
    }
  }
}

const firstLine = (text) => text.trim().split('\n')[0];
/** The message of a program that ended: the line that names the error, or the last line. */
function complaintOf(text) {
  const lines = text.trim().split('\n');
  return lines.find((line) => /^\w*Error\b/.test(line)) ?? lines.at(-1);
}
