/** .npy files of any type of our own making. */

/** A file of version 1.0. */
export function npy(
  type: string,
  shape: readonly number[],
  data: Uint8Array,
  isFortran: boolean = false,
): Uint8Array<ArrayBuffer> {
  const order = isFortran ? 'True' : 'False';
  const header = `{'descr': '${type}', 'fortran_order': ${order}, 'shape': (${shape.join(', ')}${shape.length === 1 ? ',' : ''}), }`;
  const text = new TextEncoder().encode(`${header.padEnd(117)}\n`);
  const bytes = new Uint8Array(10 + text.length + data.length);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, text.length & 255, text.length >> 8]);
  bytes.set(text, 10);
  bytes.set(data, 10 + text.length);
  return bytes;
}
