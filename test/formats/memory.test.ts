/** A hostile file costs at most twice its size and 40 MB, whatever its header holds. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { seal } from '../../src/formats/convlet/seal.ts';
import { encodeSafetensors } from '../../src/formats/safetensors/safetensors.ts';

const module = fileURLToPath(new URL('../../dist/formats/convlet/modelFile.js', import.meta.url));

/** Bytes of the largest header that is read at all. */
const MOST = 262_144;
const filled = (before: string, unit: string, after: string) =>
  before + unit.repeat((MOST - before.length - after.length) / unit.length) + after;
const half = MOST / 2 - 10;
const relus = JSON.stringify({
  inputShape: [1, 3, 3],
  layers: Array.from({ length: 12_000 }, () => ({ type: 'relu' })),
});

/** The header of a checkpoint whose checksum is right and whose details are this text. */
function checkpointHeader(details: string): string {
  const metadata = {
    'convlet.format': '1',
    'convlet.spec': '{"inputShape":[1,3,3],"layers":[{"type":"relu"}]}',
    'convlet.seed': '1',
    'convlet.preprocessing': '{"pixel":"byte / 255","layout":"NCHW"}',
    'convlet.checkpoint': details,
  };
  return new TextDecoder().decode(encodeSafetensors([], seal([], metadata)).subarray(8));
}

const headers: readonly (readonly [string, string, number])[] = [
  ['lists', filled('{"a":[', '[],', '0]}'), 0],
  ['objects', filled('{"a":[', '{},', '0]}'), 0],
  ['a list in a list in a list', `{"a":${'['.repeat(half)}${']'.repeat(half)}}`, 0],
  ['sizes', filled('{"a":{"dtype":"F32","shape":[', '1,', '1],"data_offsets":[0,4]}}'), 4],
  ['layers', JSON.stringify({ __metadata__: { 'convlet.spec': relus } }), 0],
  ['a checkpoint of lists', checkpointHeader(`[${'[],'.repeat(MOST / 4)}0]`), 0],
  ['f64', '{"a":{"dtype":"F64","shape":[8000000],"data_offsets":[0,64000000]}}', 64e6],
  ['data', '{"a":{"dtype":"F32","shape":[16000000],"data_offsets":[0,64000000]}}', 64e6],
  ['f16', smallHeader('F16', 2), 64e6],
  ['bf16', smallHeader('BF16', 2), 64e6],
  ['i8', smallHeader('I8', 1), 64e6],
];

/** The header of a dense layer of 64 MB. */
function smallHeader(dtype: string, bytes: number): string {
  const inputs = 32e6 / bytes;
  const spec = `{"inputShape":[${inputs},1,1],"layers":[{"type":"flatten"},{"type":"dense","units":2,"useBias":false}]}`;
  const weight = { dtype, shape: [2, inputs], data_offsets: [0, 64e6] };
  return JSON.stringify({ __metadata__: { 'convlet.spec': spec }, '1.weight': weight });
}

/** How many times its size a file may take: numbers of fewer bits become f32. */
const TIMES: Readonly<Record<string, number>> = { f16: 4, bf16: 4, i8: 6 };

/** Reads a file in a process of its own, and prints how far its memory rose. */
const program = `
  import { readFileSync } from 'node:fs';
  const { decodeModel } = await import(process.argv[1]);
  const [dataBytes, header] = [Number(process.argv[2]), readFileSync(0)];
  const bytes = new Uint8Array(8 + header.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
  bytes.set(header, 8);
  const before = process.memoryUsage.rss();
  let outcome = 'read';
  try { decodeModel(bytes, 'f'); } catch (error) { outcome = error.name + ": " + error.message; }
  const rose = process.resourceUsage().maxRSS * 1024 - before;
  console.log(JSON.stringify({ size: bytes.length, rose, outcome }));
`;

it.each(headers)('keeps memory low for a header of %s', (name, header, dataBytes) => {
  const stdout = execFileSync(
    process.execPath,
    ['--input-type=module', '--eval', program, module, String(dataBytes)],
    { input: header, encoding: 'utf8' },
  );
  const { size, rose, outcome } = JSON.parse(stdout);
  expect(outcome).toMatch(/^(read$|FormatError: f: )/);
  expect(rose).toBeLessThan((TIMES[name] ?? 2) * size + 40e6);
});
