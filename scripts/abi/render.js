/** Renders kernels as data (comments.js) into the reference part of docs/abi.md. */
import { tensorsOf } from './comments.js';

const WASM_TYPES = { usize: 'i32', i32: 'i32', f32: 'f32', f64: 'f64' };

/** The table of the sizes that many functions share. */
export function renderSizes(sizes) {
  const rows = sizes.map(({ names, meaning }) => `| ${names.map(code).join(' ')} | ${meaning} |`);
  return ['| size | |', '|---|---|', ...rows].join('\n');
}

/** A file of kernels: its head, then its functions. */
export function renderFile(file, head, functions, sizes) {
  const tensors = tensorsOf(head);
  return [
    `### ${file.split('/').at(-1)}.ts`,
    ...(head === '' ? [] : [prose(head)]),
    ...functions.map((fn) => renderFunction(fn, tensors, sizes)),
  ].join('\n\n');
}

function renderFunction(fn, fileTensors, sizes) {
  const tensors = new Map([...fileTensors, ...tensorsOf(fn.description)]);
  const facts = factsOf(fn);
  const described = fn.parameters.map((parameter, index) => ({
    ...parameter,
    index,
    ...describe(parameter, fn, facts, tensors, sizes),
  }));
  const table = mergeSizes(described).map(
    ({ place, names, type, meaning }) => `| ${place} | ${names} | ${type} | ${meaning} |`,
  );
  return [
    `#### ${code(fn.name)}`,
    prose(fn.description),
    code(signature(fn)),
    ...(table.length === 0
      ? []
      : [['| | argument | type | |', '|---|---|---|---|', ...table].join('\n')]),
    properties(fn, facts, described),
  ].join('\n\n');
}

/** `(i32 ×4, f32) → ()` */
export function signature({ parameters, result }) {
  const types = parameters.map(({ type }) => WASM_TYPES[type]);
  const runs = [];
  for (const type of types) {
    if (runs.at(-1)?.type === type) runs.at(-1).count++;
    else runs.push({ type, count: 1 });
  }
  const list = runs.map(({ type, count }) => (count === 1 ? type : `${type} ×${count}`));
  return `(${list.join(', ')}) → ${result === 'void' ? '()' : WASM_TYPES[result]}`;
}

/** The contents of the tags by kind: names, or texts by name. */
function factsOf({ tags }) {
  const names = (kind) => tags.filter((tag) => tag.kind === kind).flatMap((tag) => tag.names);
  const texts = (kind) =>
    new Map(tags.filter((tag) => tag.kind === kind).map(({ names: [name], text }) => [name, text]));
  return {
    writes: names('writes'),
    adds: names('adds'),
    updates: names('updates'),
    bytes: texts('bytes'),
    optional: texts('optional'),
    inPlace: texts('inPlace'),
    params: texts('param'),
  };
}

function describe({ name, type }, fn, facts, tensors, sizes) {
  if (facts.params.has(name)) return { meaning: facts.params.get(name) };
  if (type !== 'usize') {
    if (sizes.some(({ names }) => names.includes(name))) return { isSize: true };
    throw new Error(
      `abi: ${fn.name}: expected ${name} among the sizes of index.ts, or a @param, got neither.`,
    );
  }
  const region = facts.bytes.has(name) ? `bytes: ${facts.bytes.get(name)}` : tensors.get(name);
  if (region === undefined) {
    throw new Error(`abi: ${fn.name}: expected the shape of ${name}, or @bytes, got neither.`);
  }
  const none = facts.optional.get(name);
  return {
    access: accessOf(name, facts),
    meaning: `${escapeMarkdown(region)}, ${accessOf(name, facts)}${none ? `; 0: ${none}` : ''}`,
  };
}

function accessOf(name, { writes, adds, updates }) {
  if (name === 'scratch') return 'overwritten, meaningless afterwards';
  if (writes.includes(name)) return '**overwritten**';
  if (adds.includes(name)) return '**added to**';
  return updates.includes(name) ? '**updated in place**' : 'read';
}

/** Joins sizes that follow one another into one row. */
function mergeSizes(described) {
  const rows = [];
  for (const { index, name, type, meaning, isSize } of described) {
    const last = rows.at(-1);
    if (isSize && last?.isSize) {
      last.end = index;
      last.names += ` ${code(name)}`;
    } else {
      rows.push({ start: index, end: index, names: code(name), type, meaning, isSize });
    }
  }
  return rows.map(({ start, end, names, type, meaning, isSize }) => ({
    place: start === end ? `${start}` : `${start}–${end}`,
    names,
    type: WASM_TYPES[type],
    meaning: isSize ? (start === end ? 'size' : 'sizes') : meaning,
  }));
}

/** Aliasing, traps, bits and threads, derived from the tags. */
function properties({ name, parameters }, { inPlace }, described) {
  const divides = parameters.some((parameter) => parameter.name === 'groups');
  const addresses = described.filter(({ access }) => access !== undefined);
  if (addresses.length === 0) {
    return `*Touches no memory. Traps: ${divides ? '`groups` = 0' : 'never'}. Bits: the same everywhere. Threads: any.*`;
  }
  const written = addresses.filter(({ access }) => access !== 'read').map((item) => item.name);
  const read = addresses.filter(({ access }) => access === 'read').map((item) => item.name);
  if (written.length === 0) throw new Error(`abi: ${name}: expected @writes, @adds or @updates.`);
  const alias = [...inPlace].map(([a, b]) => `${code(a)} may be ${code(b)}`);
  return `*${[
    `Aliasing: ${alias.length === 0 ? 'none' : alias.join(', ')}.`,
    `Traps: outside the memory${divides ? ', `groups` = 0' : ''}.`,
    'Bits: the same everywhere.',
    `Threads: no other call may use ${written.map(code).join(' ')}${read.length > 0 ? ` or write ${read.map(code).join(' ')}` : ''}.`,
  ].join(' ')}*`;
}

/** A comment as Markdown. Lines that are indented by two spaces become a block of code. */
function prose(text) {
  const blocks = [];
  for (const line of text.split('\n')) {
    const isCode = /^ {2}/.test(line);
    const last = blocks.at(-1);
    if (line === '') blocks.push({ lines: [], isCode: undefined });
    else if (last !== undefined && (last.isCode === isCode || last.lines.length === 0)) {
      last.isCode = isCode;
      last.lines.push(line);
    } else blocks.push({ lines: [line], isCode });
  }
  return blocks
    .filter(({ lines }) => lines.length > 0)
    .map(({ lines, isCode }) =>
      isCode ? lines.map((line) => `  ${line}`).join('\n') : escapeMarkdown(lines.join('\n')),
    )
    .join('\n\n');
}

function escapeMarkdown(text) {
  return text.replaceAll(/[*_<]/g, '\\$&');
}

function code(text) {
  return `\`${text}\``;
}
