/**
 * A service worker that keeps the built page for times without a network: every file of the build, by name, under a
 * version that is the checksum of them all.
 * @module
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

const SOURCE = fileURLToPath(new URL('./serviceWorker.js', import.meta.url));

export function offline(): Plugin {
  return {
    name: 'offline',
    apply: 'build',
    enforce: 'post',
    generateBundle(_options, bundle) {
      const version = createHash('sha256');
      for (const name of Object.keys(bundle).sort()) {
        const file = bundle[name];
        version.update(name);
        if (file !== undefined) version.update(file.type === 'chunk' ? file.code : file.source);
      }
      // a host answers a folder with its page
      const files = ['./', ...Object.keys(bundle).sort()];
      this.emitFile({
        type: 'asset',
        fileName: 'serviceWorker.js',
        source: readFileSync(SOURCE, 'utf8')
          .replace('__VERSION__', version.digest('hex').slice(0, 16))
          .replace("['__FILES__']", JSON.stringify(files)),
      });
    },
  };
}
