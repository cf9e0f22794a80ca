/** Folders and files that are there, but cannot be read, are refused in one line that says why. */
import { spawnSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it, vi } from 'vitest';
import { loadDataset } from '../../src/node/data/loadDataset.ts';
import { foldersOfFiles } from '../support/folder.ts';
import { idxImages, idxLabels } from '../support/idx.ts';

/** Paths that belong to another user. */
const closed = vi.hoisted(() => new Set<string>());
/** Paths on a disk that fails when it is read. */
const failing = vi.hoisted(() => new Set<string>());

vi.mock('node:fs/promises', async (original) => {
  const fs = await original<typeof import('node:fs/promises')>();
  const guarded = <A extends unknown[], R>(call: (path: string, ...rest: A) => Promise<R>) => {
    return async (path: string, ...rest: A): Promise<R> => {
      if (!closed.has(path)) return await call(path, ...rest);
      throw Object.assign(new Error('permission denied'), { code: 'EACCES' });
    };
  };
  const open = guarded(async (path: string, ...rest: [flags?: string]) => {
    const file = await fs.open(path, ...rest);
    if (!failing.has(path)) return file;
    const error = Object.assign(new Error('i/o error, read'), { code: 'EIO' });
    return Object.assign(file, { read: () => Promise.reject(error) });
  });
  return { ...fs, open, readdir: guarded(fs.readdir) };
});

const folderOf = foldersOfFiles();

beforeEach(() => {
  closed.clear();
  failing.clear();
});

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

it('a part of the pictures that cannot be read is refused', async () => {
  const folder = folderOf({ 'train/a/1.png': '', 'test/a/1.png': '' });
  closed.add(join(folder, 'train'));
  await expect(loadDataset(folder)).rejects.toThrow(
    `${join(folder, 'train')}: expected a folder that can be read, got EACCES. Check its permissions.`,
  );
});

it('a link that leads nowhere is refused: it may have been a class', async () => {
  const folder = folderOf({ 'a/1.png': '' });
  const link = join(folder, 'b');
  symlinkSync(join(folder, 'gone'), link);
  await expect(loadDataset(folder)).rejects.toThrow(
    `${link}: expected a link to a file or a folder, got ENOENT. Mend the link, or remove it.`,
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

it.runIf(process.platform !== 'win32')(
  'a pipe in place of a file to stream is refused',
  async () => {
    const folder = folderOf({ 'train-labels-idx1-ubyte': idxLabels(30) });
    const path = join(folder, 'train-images-idx3-ubyte');
    spawnSync('mkfifo', [path]);
    await expect(loadDataset(folder, { stream: true })).rejects.toThrow(
      `${path}: expected a file, got a pipe. Check the path.`,
    );
  },
);

it('a file whose disk fails is refused by its name, streamed or not', async () => {
  const folder = folderOf({
    'a.csv': '',
    'train-images-idx3-ubyte': idxImages(30, 4, 3),
    'train-labels-idx1-ubyte': idxLabels(30),
  });
  const [csv, images] = [join(folder, 'a.csv'), join(folder, 'train-images-idx3-ubyte')];
  for (const path of [csv, images]) failing.add(path);
  const message = (path: string) =>
    `${path}: expected a file that can be read, got EIO. Check the disk.`;
  await expect(loadDataset(csv)).rejects.toThrow(message(csv));
  await expect(loadDataset(folder, { stream: true })).rejects.toThrow(message(images));
});
