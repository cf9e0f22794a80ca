/** Damage to a file: cuts, flipped bits, bytes changed, lost or inserted. A reader must report it by name. */
import fc from 'fast-check';
import { expect } from 'vitest';

type Read = (bytes: Uint8Array) => unknown;

/** Every beginning of a file, and the file with one byte more. */
export function expectCutsRefused(bytes: Uint8Array, read: Read): void {
  for (let end = 0; end < bytes.length; end++) {
    expect(() => read(bytes.subarray(0, end))).toThrow(/^f: expected/);
  }
  expect(() => read(Uint8Array.of(...bytes, 0))).toThrow('f: expected');
}

/** Each bit flipped. @returns how many such files were read; what they hold is what the whole file holds. */
export function readFlippedBits(bytes: Uint8Array, read: Read): number {
  const intact = read(bytes);
  let loaded = 0;
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const damaged = bytes.slice();
    damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    if (isRead(damaged, read, intact)) loaded++;
  }
  return loaded;
}

/** 10,000 random changes. @returns how many of the files were refused. */
export function refuseRandomDamage(bytes: Uint8Array, read: Read): number {
  const intact = read(bytes);
  const at = fc.nat(bytes.length - 1);
  const damage = fc.oneof(
    fc.record({ at, value: fc.nat(255) }),
    fc.record({ at, cut: fc.nat(40) }),
    fc.record({ at, insert: fc.uint8Array({ maxLength: 20 }) }),
  );
  let refused = 0;
  fc.assert(
    fc.property(fc.array(damage, { minLength: 1, maxLength: 3 }), (changes) => {
      let damaged = [...bytes];
      for (const change of changes) {
        if ('value' in change) damaged[change.at] = change.value;
        else if ('cut' in change) damaged.splice(change.at, change.cut);
        else damaged = damaged.toSpliced(change.at, 0, ...change.insert);
      }
      if (!isRead(Uint8Array.from(damaged), read, intact)) refused++;
    }),
    { seed: 1, numRuns: 10_000 },
  );
  return refused;
}

/** Whether a damaged file is read, to the same content; else the error is a FormatError of one line that names it. */
function isRead(damaged: Uint8Array, read: Read, intact: unknown): boolean {
  try {
    expect(read(damaged)).toEqual(intact);
    return true;
  } catch (error) {
    expect(error).toMatchObject({ name: 'FormatError' });
    expect((error as Error).message).toMatch(/^f: [^\n]{1,500}$/);
    return false;
  }
}
