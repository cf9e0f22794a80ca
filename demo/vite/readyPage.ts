/**
 * The page that learn.html hands out with a network in it: everything in one file, Convlet with its kernels by way of
 * `convlet/inline`. Built before a build into generated/readyPage.txt; src/learn/ready/readyPage.ts puts the network in.
 * @module
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'vite';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const PAGE = path('../src/learn/ready/page.html');
const ENTRY = path('../src/learn/ready/main.ts');
/** Not .html: some hosts answer such addresses with others. */
const FILE = path('../generated/readyPage.txt');

export function readyPage(): Plugin {
  return {
    name: 'ready-page',
    async buildStart() {
      const { script, style } = await bundle();
      const page = readFileSync(PAGE, 'utf8')
        .replace('/*style*/', () => style.replaceAll('</style', '<\\/style'))
        .replace('/*script*/', () => script.replaceAll('</script', '<\\/script'));
      mkdirSync(path('../generated'), { recursive: true });
      writeFileSync(FILE, page);
    },
  };
}

async function bundle(): Promise<{ script: string; style: string }> {
  const built = await build({
    configFile: false,
    root: path('..'),
    logLevel: 'error',
    resolve: { alias: [{ find: /^convlet$/, replacement: 'convlet/inline' }] },
    build: {
      write: false,
      target: 'es2022',
      cssCodeSplit: false,
      rolldownOptions: {
        input: ENTRY,
        onLog: () => {}, // that a classic script has no import.meta: it is asked for threads alone
        output: { format: 'iife', codeSplitting: false },
      },
    },
  });
  const outputs = [built].flat().flatMap((one) => ('output' in one ? one.output : []));
  const chunks = outputs.filter((one) => one.type === 'chunk');
  const styles = outputs.filter((one) => one.type === 'asset' && one.fileName.endsWith('.css'));
  if (chunks.length !== 1) {
    throw new Error(`ready-page: expected one script, got ${chunks.length}. Bundle it as one.`);
  }
  const style = styles.map((one) => (one.type === 'asset' ? String(one.source) : '')).join('');
  return { script: chunks[0]?.code ?? '', style };
}
