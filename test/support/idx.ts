/** IDX files of our own making, whole and damaged. */

/** 32-bit numbers, most significant byte first, then bytes. */
export function idx(header: readonly number[], data: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4 * header.length + data.length);
  const view = new DataView(bytes.buffer);
  for (const [i, value] of header.entries()) view.setUint32(4 * i, value);
  bytes.set(data, 4 * header.length);
  return bytes;
}

/** `count` images of `rows × columns`; pixel i is i · 7 mod 256. */
export function idxImages(count: number, rows: number, columns: number): Uint8Array<ArrayBuffer> {
  const data = Uint8Array.from({ length: count * rows * columns }, (_, i) => i * 7);
  return idx([0x803, count, rows, columns], data);
}

/** `count` labels 0, 1, … 9, 0, … */
export function idxLabels(count: number): Uint8Array<ArrayBuffer> {
  return idx(
    [0x801, count],
    Uint8Array.from({ length: count }, (_, i) => i % 10),
  );
}
