/** Folders and files that are there, but cannot be read, are refused in one line that says why. */
import { join } from 'node:path';
import { beforeEach, expect, it, vi } from 'vitest';
import { loadDataset } from '../../src/node/data/loadDataset.ts';
import { foldersOfFiles } from '../support/folder.ts';
import { idxImages, idxLabels } from '../support/idx.ts';

/** Paths that belong to another user. */
const closed = vi.hoisted(() => new Set<string>());

vi.mock('node:fs/promises', async (original) => {
  const fs = await original<typeof import('node:fs/promises')>();
  const guarded = <A extends unknown[], R>(call: (path: string, ...rest: A) => Promise<R>) => {
    return async (path: string, ...rest: A): Promise<R> => {
      if (!closed.has(path)) return await call(path, ...rest);
      throw Object.assign(new Error('permission denied'), { code: 'EACCES' });
    };
  };
  return { ...fs, open: guarded(fs.open), readdir: guarded(fs.readdir) };
});

const folderOf = foldersOfFiles();

beforeEach(() => closed.clear());

it('a folder that cannot be read is refused', async () => {
  const folder = folderOf({ 'a/1.png': '' });
  closed.add(folder);
  await expect(loadDataset(folder)).rejects.toThrow(
    `${folder}: expected a folder that can be read, got EACCES. Check its permissions.`,
  );
});

it('a folder of a class that cannot be read is refused', async () => {
  const folder = folderOf({ 'a/1.png': '' });
  closed.add(join(folder, 'a'));
  await expect(loadDataset(folder)).rejects.toThrow(
    `${join(folder, 'a')}: expected a folder of pictures, got EACCES. Check its permissions.`,
  );
});

it('a file that cannot be read is refused', async () => {
  const path = join(folderOf({ 'a.csv': '' }), 'a.csv');
  closed.add(path);
  await expect(loadDataset(path)).rejects.toThrow(
    `${path}: expected a file that can be read, got EACCES. Check its permissions.`,
  );
});

it('a file to stream that cannot be read is refused', async () => {
  const folder = folderOf({
    'train-images-idx3-ubyte': idxImages(30, 4, 3),
    'train-labels-idx1-ubyte': idxLabels(30),
  });
  const path = join(folder, 'train-images-idx3-ubyte');
  closed.add(path);
  await expect(loadDataset(folder, { stream: true })).rejects.toThrow(
    `${path}: expected a file that can be read, got EACCES. Check the path.`,
  );
});
