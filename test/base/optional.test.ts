/** A package that cannot be imported is told in one line: what to install, or why it does not load. */
import { expect, it } from 'vitest';
import { importOptional, PackageError } from '../../src/base/optional.ts';

const failure = (message: string, code?: string) =>
  importOptional('@some/thing@1.2.3', 'pictures', () =>
    Promise.reject(Object.assign(new Error(message), code && { code })),
  );

it('a package that is not there is to be installed', async () => {
  for (const [message, code] of [
    ["Cannot find package '@some/thing' imported from /a.js", 'ERR_MODULE_NOT_FOUND'],
    ["Cannot find module '@some/thing/package.json'\nRequire stack:\n- /a.js", 'MODULE_NOT_FOUND'],
  ] as const) {
    const rejected = expect(failure(message, code)).rejects;
    await rejected.toThrow(PackageError);
    await expect(failure(message, code)).rejects.toThrow(
      /^pictures: expected the package @some\/thing@1\.2\.3, which is not installed\. Run: npm i @some\/thing@1\.2\.3$/,
    );
  }
});

it.each([
  ['Could not load the module using the linux-x64 runtime:\nmany lines', undefined],
  [
    "Cannot find package 'other' imported from /node_modules/@some/thing/a.js",
    'ERR_MODULE_NOT_FOUND',
  ],
])('a package that is broken is not called absent: %s', async (message, code) => {
  const [reason] = message.split(/:?\n/);
  await expect(failure(message, code)).rejects.toThrow(
    `pictures: expected the package @some/thing@1.2.3, which could not be loaded (${reason}). Mend that, or install it anew: npm i @some/thing@1.2.3`,
  );
});
