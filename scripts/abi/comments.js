/** Reads the doc comments of `assembly/` as data, for docs/abi.md. assembly/index.ts describes the tags. */

/** The text between the stars of the first doc comment of a file. */
export function headOf(source) {
  return strip(/^\/\*\*[\s\S]*?\*\//.exec(source)?.[0] ?? '');
}

/** Files and functions that the entry exports: `[['conv2d/conv2d', ['conv2dForward', …]], …]`. */
export function exportsOf(index) {
  return [...index.matchAll(/export \{([^}]*)\} from '\.\/([\w/]+)'/g)].map(([, names, file]) => [
    file,
    names
      .split(',')
      .map((name) => name.trim())
      .filter(Boolean),
  ]);
}

/** Sizes by name, from the table in the head of the entry: the block that follows `Sizes mean`. */
export function sizesOf(index) {
  const [, table = ''] = /Sizes mean[^\n]*\n\n([\s\S]*?)\n\n/.exec(headOf(index)) ?? [];
  return table.split('\n').map((line) => {
    const [names, meaning] = line.trim().split(/ {2,}/);
    return { names: names.split(' '), meaning };
  });
}

/** A function of a file: where it begins, its comment, its arguments and its result. */
export function functionOf(source, name) {
  const start = source.indexOf(`export function ${name}(`);
  if (start < 0) throw new Error(`abi: expected a function ${name}, got none.`);
  const [, list, result] = /\(([\s\S]*?)\): (\w+) \{/.exec(source.slice(start));
  const text = commentBefore(source.slice(0, start));
  const [description, ...tags] = text.split(/^@/m);
  return {
    name,
    start,
    result,
    parameters: [...list.matchAll(/(\w+): (\w+)/g)].map(([, parameter, type]) => ({
      name: parameter,
      type,
    })),
    description: description.trim(),
    tags: tags.map((tag) => parseTag(tag, name)),
  };
}

/** Tensors that a text declares: `x, dx: f32[batch, length]`. */
export function tensorsOf(text) {
  const tensors = new Map();
  for (const [, names, type, shape] of text
    .replaceAll(/\s+/g, ' ')
    .matchAll(/((?:\w+, )*\w+): ([fiu]\d+)\[([^\]]*)\]/g)) {
    for (const name of names.split(', ')) tensors.set(name, `${type}[${shape}]`);
  }
  return tensors;
}

function commentBefore(text) {
  const start = text.lastIndexOf('/**');
  const comment = text.slice(start);
  // the comment must end right before the function
  if (start < 0 || !/\*\/\s*$/.test(comment) || comment.indexOf('*/') !== comment.lastIndexOf('*/'))
    return '';
  return strip(comment);
}

function parseTag(tag, where) {
  const [, kind, rest] = /^(\w+) ([\s\S]*)$/.exec(tag.trim()) ?? [];
  const text = rest?.replaceAll(/\s+/g, ' ').trim();
  if (kind === 'writes' || kind === 'adds' || kind === 'updates') {
    return { kind, names: text.split(', ') };
  }
  if (['bytes', 'optional', 'inPlace', 'param'].includes(kind)) {
    const [name] = text.split(' ');
    return { kind, names: [name], text: text.slice(name.length + 1) };
  }
  throw new Error(`abi: ${where}: expected a tag that assembly/index.ts tells, got @${tag.trim()}`);
}

function strip(comment) {
  return comment
    .replace(/^\/\*\*/, '')
    .replace(/\*\/\s*$/, '')
    .split('\n')
    .map((line) => line.replace(/^ ?\* ?/, '').trimEnd())
    .join('\n')
    .trim();
}
