/** Runs a case over the module and records the results. */
import { createHash } from 'node:crypto';
import { lengthOf, valuesOf } from './regions.js';

const VIEWS = {
  f64: Float64Array,
  f32: Float32Array,
  i32: Int32Array,
  u32: Uint32Array,
  u8: Uint8Array,
};
const START = 64;
const PAGES = 64;

/** A case as the file keeps it. @throws {Error} if an output differs from the oracle's. */
export function record(module, { oracle, ...entry }) {
  const memory = new WebAssembly.Memory({ initial: PAGES });
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const addresses = place(exports, memory, entry.regions);
  for (const { kernel, args } of entry.calls) {
    exports[kernel](...args.map((arg) => (typeof arg === 'string' ? addresses[arg] : arg)));
  }
  const expected = {};
  for (const name of entry.outputs) {
    const { type } = entry.regions[name];
    const view = new VIEWS[type](memory.buffer, addresses[name], lengthOf(entry.regions[name]));
    const bytes = new Uint8Array(memory.buffer, view.byteOffset, view.byteLength);
    expected[name] = {
      data: Array.from(view, spell),
      sha256: createHash('sha256').update(bytes).digest('hex'),
    };
    if (oracle !== undefined) compare(entry, name, view, oracle()[name]);
  }
  const { outputs, ...rest } = entry;
  return { ...rest, expected };
}

function place(exports, memory, regions) {
  const addresses = {};
  let end = START;
  for (const [name, region] of Object.entries(regions)) {
    addresses[name] = end;
    let { bytes } = region;
    if (typeof bytes === 'object') bytes = exports[bytes.kernel](...bytes.args) * bytes.times;
    else {
      const view = new VIEWS[region.type](memory.buffer, end, lengthOf(region));
      if (region.data !== undefined || region.formula !== undefined) view.set(valuesOf(region));
      bytes = view.byteLength;
    }
    end = Math.ceil((end + bytes) / 64) * 64;
  }
  if (end > PAGES * 65_536) throw new Error('vectors: expected a smaller case, got one too large.');
  return addresses;
}

function compare({ name, tolerance, relativeTolerance }, output, got, expected) {
  const largest = Array.from(expected).reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  for (const [i, value] of got.entries()) {
    const limit = relativeTolerance ? relativeTolerance * Math.abs(value) : tolerance * largest;
    if (!(Object.is(value, expected[i]) || Math.abs(value - expected[i]) <= limit)) {
      throw new Error(
        `vectors: ${name}: expected ${output}[${i}] = ${expected[i]}, got ${value}. Mend the kernel.`,
      );
    }
  }
}

/** A number that JSON lacks as a string. */
function spell(value) {
  if (Object.is(value, -0)) return '-0';
  return Number.isFinite(value) ? value : String(value);
}
