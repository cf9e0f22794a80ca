/**
 * The page that learns the visitor's own pictures, used through its controls: drawn by a pointer, dropped, pasted, filmed. One file, as all
 * of it needs the built page and the same few helpers that make classes and pictures.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createBackend } from 'convlet';
import { decodeModel, loadModel } from 'convlet/formats';
import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPage } from '../support/browser.ts';
import {
  axeSource,
  buttonsIn,
  demoOrNotice,
  draw,
  inPage,
  kept,
  press,
  saying,
  serveDemo,
  settled,
  textOf,
} from '../support/demo.ts';
import { describeInBrowser, type InBrowser } from '../support/describeInBrowser.ts';
import { temporaryFolders } from '../support/folder.ts';
import { slowness } from '../support/patience.ts';
import type { TestServer } from '../support/server.ts';
import { SHAPES, shapeDrawer } from '../support/shapes.ts';

/** Of the classes. */
const KEYS = ['1', '2', '3'] as const;

type Drawer = ReturnType<typeof shapeDrawer>;

const newFolder = temporaryFolders();

describe.skipIf(!demoOrNotice())('learn.html', () => {
  let server: TestServer | undefined;
  beforeAll(async () => {
    server = await serveDemo(newFolder());
  });
  afterAll(() => server?.close());
  const address = () => `${server?.origin}/learn.html`;
  describeInBrowser('chromium', 'the page', (inBrowser) => {
    learns(inBrowser, address);
    tests(inBrowser, address);
  });
  describeInBrowser('firefox', 'the page', (inBrowser) => learns(inBrowser, address));
});

/** The names of the classes, as a visitor types them. */
async function nameClasses(page: Page, names: readonly string[]): Promise<void> {
  for (let count = 2; count < names.length; count++) await press(page, 'add-class');
  for (const [index, name] of names.entries()) {
    const input = (await page.$$('.class-name'))[index];
    await input?.click({ count: 3 });
    await input?.type(name);
    await page.keyboard.press('Enter');
  }
}

/** Draws a shape, and waits until the page has taken it. */
async function drawShape(page: Page, points: readonly (readonly [number, number])[]) {
  await draw(page, points, 2);
  await page.waitForFunction("!document.getElementById('pad-clear').disabled");
  await inPage(page, 'new Promise((done) => requestAnimationFrame(() => setTimeout(done)))');
}

/** Draws some of each shape into its class, by the number keys. */
async function collect(page: Page, drawer: Drawer, each: number) {
  for (let n = 1; n <= each; n++) {
    for (const [index, shape] of SHAPES.entries()) {
      await drawShape(page, drawer(shape));
      await page.keyboard.press(KEYS[index] ?? '0');
    }
  }
}

const list = (page: Page, selector: string) =>
  inPage<string[]>(
    page,
    `[...document.querySelectorAll(${JSON.stringify(selector)})].map((found) => found.textContent)`,
  );

const values = (page: Page, selector: string) =>
  inPage<string[]>(
    page,
    `[...document.querySelectorAll(${JSON.stringify(selector)})].map((found) => found.value)`,
  );

/** A picture of one colour, dropped where a selector says, with the name of a file. */
function drop(page: Page, selector: string, files: readonly { name: string; colour?: string }[]) {
  return inPage(
    page,
    `(async () => {
      const transfer = new DataTransfer();
      for (const { name, colour } of ${JSON.stringify(files)}) {
        const canvas = new OffscreenCanvas(60, 40);
        const context = canvas.getContext('2d');
        context.fillStyle = colour ?? '#fff';
        context.fillRect(0, 0, 60, 40);
        const content = colour === undefined ? 'Dear network,' : await canvas.convertToBlob();
        transfer.items.add(new File([content], name));
      }
      const target = document.querySelector(${JSON.stringify(selector)});
      target.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
    })()`,
  );
}

/** Pastes a picture, or else something that is no file. @returns whether the page took it from the browser. */
function paste(page: Page, name?: string): Promise<boolean> {
  return inPage(
    page,
    `(async () => {
      const clipboardData = new DataTransfer();
      const name = ${JSON.stringify(name ?? '')};
      const canvas = new OffscreenCanvas(8, 8);
      canvas.getContext('2d');
      if (name !== '') clipboardData.items.add(new File([await canvas.convertToBlob()], name));
      const options = { clipboardData, bubbles: true, cancelable: true };
      return !dispatchEvent(new ClipboardEvent('paste', options));
    })()`,
  );
}

const card = (place: number) => `.class:nth-child(${place})`;

/** What a class says of itself. */
const counted = (page: Page, place: number, text: string) =>
  page.waitForFunction(
    `document.querySelector('${card(place)} .class-count').textContent === ${JSON.stringify(text)}`,
  );

/** The list that the page keeps of a visit. */
const keptList = (page: Page) =>
  inPage<string>(
    page,
    `navigator.storage.getDirectory()
      .then((root) => root.getDirectoryHandle('convlet'))
      .then((folder) => folder.getFileHandle('learn.json'))
      .then((handle) => handle.getFile())
      .then((file) => file.text(), () => '')`,
  );

const saysIn = (page: Page, selector: string, what: RegExp) =>
  page.waitForFunction(
    `${what}.test(document.querySelector(${JSON.stringify(selector)}).textContent)`,
  );

function learns({ openFresh }: InBrowser, address: () => string): void {
  it('learns three drawn shapes from twenty each in under 20 s, and has them again after a reload', async () => {
    const { page, problems } = await openFresh(address());
    await page.waitForSelector('.class');
    await nameClasses(page, SHAPES);
    const drawer = shapeDrawer(20);
    await collect(page, drawer, 20);
    expect(await list(page, '.class-count')).toEqual(SHAPES.map(() => '20 pictures'));
    expect(await page.$$('.thumbs .held')).toHaveLength(12);
    await press(page, 'run');
    const outcome = await saying(page, 'progress-text', /^Trained in/);
    const [, seconds] = /in ([\d.]+) s on 2 threads/.exec(outcome) ?? [];
    console.info(`learn: trained in ${seconds} s`);
    expect(Number(seconds)).toBeLessThan(20 * slowness());
    expect(await textOf(page, 'score-note')).toMatch(/^1[0-2] of 12 held-back/);

    let right = 0;
    for (let n = 0; n < 10; n++) {
      for (const shape of SHAPES) {
        await press(page, 'pad-clear');
        await saying(page, 'answer', /^$/);
        await drawShape(page, drawer(shape));
        const answer = await saying(page, 'answer', /sure$/);
        if (answer.startsWith(shape)) right++;
      }
    }
    console.info(`learn: ${right} of 30 new shapes read correctly`);
    expect(right).toBeGreaterThanOrEqual(27);

    await drawShape(page, drawer('circle'));
    await kept(page, 'learn-model.safetensors');
    await page.reload();
    await saying(page, 'progress-text', /^Trained at your last visit$/);
    expect(await values(page, '.class-name')).toEqual([...SHAPES]);
    expect(await list(page, '.class-count')).toEqual(SHAPES.map(() => '20 pictures'));
    await drawShape(page, drawer('zigzag'));
    await saying(page, 'answer', /^zigzag, \d+\u2009% sure$/);
    const said = () => Promise.all([textOf(page, 'live'), textOf(page, 'answer')]);
    await expect.poll(async () => new Set(await said()).size).toBe(1); // the last answer is said too
    expect(problems.all()).toEqual([]);
  });
}

function tests({ openFresh }: InBrowser, address: () => string): void {
  const visit = async () => {
    const opened = await openFresh(address());
    await opened.page.waitForSelector('.class');
    return opened;
  };

  /** Two classes of pictures that differ in their colour, trained. */
  const trained = async () => {
    const opened = await visit();
    const { page } = opened;
    for (const [place, tone] of [0, 128].entries()) {
      const files = Array.from({ length: 5 }, (_, n) => {
        const level = tone + 20 * n;
        return { name: `${n}.png`, colour: `rgb(${level}, ${level}, ${255 - level})` };
      });
      await drop(page, card(place + 1), files);
      await counted(page, place + 1, '5 pictures');
    }
    await press(page, 'run');
    await saying(page, 'progress-text', /^Trained in/);
    return opened;
  };

  it('takes dropped and pasted pictures, and refuses other files where they were dropped', async () => {
    const { page, problems } = await visit();
    await drop(page, card(2), [
      { name: 'a.png', colour: 'red' },
      { name: 'b.png', colour: 'blue' },
    ]);
    await counted(page, 2, '2 pictures');
    await drop(page, card(1), [{ name: 'letter.txt' }, { name: 'c.png', colour: 'green' }]);
    await saysIn(page, `${card(1)} .error`, /^letter\.txt is no picture/);
    await counted(page, 1, '1 picture');
    await drop(page, '.hand', [
      { name: 'a.png', colour: 'red' },
      { name: 'b.png', colour: 'red' },
    ]);
    await saying(page, 'stage-error', /^Drop several pictures onto the class/);
    await drop(page, '.hand', [{ name: 'letter.txt' }]);
    await saying(page, 'stage-error', /^letter\.txt is no picture/);
    await paste(page, 'image.png');
    await page.waitForFunction("!document.getElementById('shown').hidden");
    await saying(page, 'stage-error', /^$/);
    await press(page, `${card(1)} .class-add`);
    await counted(page, 1, '2 pictures');
    await page.focus(`${card(2)} .class-name`);
    expect(await paste(page, 'image.png')).toBe(true);
    await counted(page, 2, '3 pictures');
    expect(await paste(page)).toBe(false); // text goes into the name
    await saying(page, 'stage-error', /^$/);
    expect(problems.all()).toEqual([]);
  });

  it('forgets a picture that is read only after something else was chosen', async () => {
    const { page, problems } = await visit();
    await inPage(
      page,
      `(() => {
        const real = createImageBitmap;
        createImageBitmap = (file) => new Promise((resolve) => {
          globalThis.read = async () => {
            resolve(await real(file));
            await new Promise((done) => setTimeout(done)); // after the page has taken it
          };
        });
      })()`,
    );
    await drop(page, '.hand', [{ name: 'a.png', colour: 'red' }]);
    await page.waitForFunction("'read' in globalThis");
    await press(page, 'source-draw');
    await inPage(page, 'read()');
    expect(await inPage(page, "document.getElementById('shown').hidden")).toBe(true);
    await press(page, `${card(1)} .class-add`);
    await saysIn(page, `${card(1)} .error`, /^Nothing is drawn yet\.$/);
    expect(problems.all()).toEqual([]);
  });

  it('says what is missing, beside the hand', async () => {
    const { page, problems } = await visit();
    await expect.poll(() => buttonsIn(page, 'disabled')).toEqual(['pad-undo', 'pad-clear']);
    await press(page, `${card(1)} .class-add`);
    await saysIn(page, `${card(1)} .error`, /^Nothing is drawn yet\.$/);
    await press(page, '#add-to button');
    await saying(page, 'stage-error', /^Nothing is drawn yet\.$/);
    await press(page, 'source-file');
    await saying(page, 'stage-error', /^$/);
    await press(page, '#add-to button');
    await saying(page, 'stage-error', /^No picture is chosen yet\.$/);
    await inPage(page, 'void (navigator.mediaDevices.getUserMedia = () => new Promise(() => {}))');
    await press(page, 'source-camera');
    await press(page, '#add-to button');
    await saying(page, 'stage-error', /^The camera shows nothing yet\.$/);
    await inPage(
      page,
      'void (Worker = class extends Worker { constructor(...all) { super(...all); globalThis.hasBegun = true; } })',
    );
    await press(page, 'run');
    await saying(page, 'notice', /^Class 1 needs 3 more pictures\./);
    expect(await inPage(page, "'hasBegun' in globalThis")).toBe(false);
    await press(page, 'take-onnx');
    await saying(page, 'take-note', /^Nothing is learnt yet/);
    expect(problems.all()).toEqual([]);
  });

  it('keeps nothing in a second tab, and says so', async () => {
    const { page, problems } = await visit();
    await drop(page, card(1), [{ name: 'a.png', colour: 'red' }]);
    await counted(page, 1, '1 picture');
    await kept(page, 'learn.json');
    const second = await openPage(page.browserContext(), address());
    await saying(
      second.page,
      'kept',
      /^This page is open in another tab, which keeps its pictures/,
    );
    expect(await textOf(page, 'kept')).toBe('');
    await counted(second.page, 1, '1 picture');
    await drop(second.page, card(1), [{ name: 'b.png', colour: 'blue' }]);
    await counted(second.page, 1, '2 pictures');
    expect(second.problems.all()).toEqual([]);
    expect(problems.all()).toEqual([]);
  });

  it('works where nothing can be kept, and says so', async () => {
    const { page, problems } = await visit();
    expect(await textOf(page, 'kept')).toBe('');
    await inPage(
      page,
      `globalThis.real = FileSystemFileHandle.prototype.createWritable;
      FileSystemFileHandle.prototype.createWritable = () => Promise.reject(new DOMException('', 'QuotaExceededError'));`,
    );
    await drop(page, card(1), [{ name: 'a.png', colour: 'red' }]);
    await saying(page, 'kept', /^Not kept: saveFile: expected/);
    await counted(page, 1, '1 picture');
    await inPage(page, 'void (FileSystemFileHandle.prototype.createWritable = real)');
    await drop(page, card(1), [{ name: 'b.png', colour: 'blue' }]);
    await saying(page, 'kept', /^$/); // all of it is kept now
    await page.evaluateOnNewDocument(
      `navigator.storage.getDirectory = () => Promise.reject(new DOMException('', 'SecurityError'));
      Object.defineProperty(globalThis, 'indexedDB', { value: undefined });`,
    );
    await page.reload();
    await saying(page, 'kept', /^Not kept: listFiles: expected/);
    await drop(page, card(1), [{ name: 'a.png', colour: 'red' }]);
    await counted(page, 1, '1 picture');
    expect(problems.all()).toEqual([]);
  });

  it('says why training has failed, and can train anew', async () => {
    const { page, problems } = await visit();
    for (const place of [1, 2]) {
      const files = [20, 40, 60].map((level) => ({
        name: `${level}.png`,
        colour: `hsl(${120 * place} 80% ${level}%)`,
      }));
      await drop(page, card(place), files);
      await counted(page, place, '3 pictures');
    }
    await inPage(
      page,
      `(() => {
        const Real = Worker;
        Worker = class extends Real {
          postMessage(message, ...rest) {
            if (message.method !== 'fit') return super.postMessage(message, ...rest);
            Worker = Real;
            queueMicrotask(() => this.dispatchEvent(new ErrorEvent('error', { message: 'out of memory' })));
          }
        };
      })()`,
    );
    await press(page, 'run');
    await saying(page, 'notice', /worker ended \(out of memory\)/);
    expect(await textOf(page, 'run')).toBe('Train');
    await press(page, 'run');
    await saying(page, 'progress-text', /^Trained in/);
    expect(await textOf(page, 'notice')).toBe('');
    expect(await textOf(page, 'score')).toMatch(/%$/);
    await kept(page, 'learn-model.safetensors');
    await expect.poll(() => keptList(page)).toContain('"isStale":false');
    await page.evaluateOnNewDocument(
      `const Real = Worker;
      Worker = class extends Real {
        constructor(...args) {
          super(...args);
          Worker = Real;
          queueMicrotask(() => this.dispatchEvent(new ErrorEvent('error', { message: 'no room' })));
        }
      };`,
    );
    await page.reload();
    await saying(page, 'notice', /^The network of your last visit cannot be opened: .*\(no room\)/);
    expect(await textOf(page, 'kept')).toBe('');
    await press(page, 'run');
    await saying(page, 'progress-text', /^Trained in/);
    expect(problems.all()).toEqual([]);
  });

  it('has two to ten classes with names of their own, and brings back what was removed', async () => {
    const { page, problems } = await visit();
    expect(await page.$$('.class-remove:not([hidden])')).toHaveLength(0);
    await nameClasses(page, ['cat', 'cat']);
    await saysIn(page, `${card(2)} .error`, /^There is a class cat already/);
    expect(await values(page, '.class-name')).toEqual(['cat', 'Class 2']);
    for (let n = 3; n <= 10; n++) await press(page, 'add-class');
    expect(await page.$$('.class')).toHaveLength(10);
    expect(await inPage(page, "document.getElementById('add-class').disabled")).toBe(true);
    await drop(page, card(2), [{ name: 'a.png', colour: 'red' }]);
    await counted(page, 2, '1 picture');
    await press(page, `${card(2)} .class-remove`);
    await saying(page, 'classes-note', /^Class 2 and its pictures are removed/);
    expect(await page.$$('.class')).toHaveLength(9);
    await press(page, '#classes-note button');
    await counted(page, 2, '1 picture');
    expect(await inPage(page, `document.activeElement.value`)).toBe('Class 2');
    await press(page, `${card(2)} .thumbs button`);
    await counted(page, 2, '0 pictures');
    expect(await inPage(page, 'document.activeElement.textContent')).toBe('Undo');
    await press(page, `${card(2)} .class-note button`);
    await counted(page, 2, '1 picture');
    await press(page, `${card(2)} .thumbs button`);
    await drop(page, card(3), [{ name: 'b.png', colour: 'blue' }]);
    await counted(page, 3, '1 picture');
    await saysIn(page, `${card(2)} .class-note`, /^$/); // to undo that now would take the new picture along
    expect(problems.all()).toEqual([]);
  });

  it('asks for the camera only when it is chosen, says why there is none, and takes many pictures while held', async () => {
    const { page, problems } = await visit();
    await inPage(
      page,
      `navigator.mediaDevices.getUserMedia = async () => {
        window.asked = (window.asked ?? 0) + 1;
        if (window.asked === 1) throw new DOMException('', 'NotAllowedError');
        const canvas = Object.assign(document.createElement('canvas'), { width: 64, height: 48 });
        const context = canvas.getContext('2d');
        setInterval(() => { context.fillStyle = 'hsl(' + Date.now() % 360 + ' 80% 50%)'; context.fillRect(0, 0, 64, 48); }, 30);
        window.stream = canvas.captureStream(30);
        return window.stream;
      }`,
    );
    await drawShape(page, shapeDrawer(1)('circle'));
    expect(await inPage(page, 'window.asked')).toBeUndefined();
    await press(page, 'source-camera');
    await saying(page, 'stage-error', /^The browser did not allow the camera/);
    await inPage(
      page,
      `(() => {
        const real = navigator.mediaDevices.getUserMedia;
        navigator.mediaDevices.getUserMedia = () => new Promise((_, reject) => {
          navigator.mediaDevices.getUserMedia = real;
          window.refuse = () => reject(new DOMException('', 'NotAllowedError'));
        });
      })()`,
    );
    await press(page, 'source-camera');
    await drop(page, '.hand', [{ name: 'a.png', colour: 'red' }]); // instead of an answer
    await page.waitForFunction("!document.getElementById('shown').hidden");
    await inPage(page, 'refuse()');
    expect(await settled(page, 'stage-error')).toBe('');
    expect(await inPage(page, "document.getElementById('shown').hidden")).toBe(false);
    await press(page, 'source-camera');
    const add = `${card(1)} .class-add`;
    // a click takes a picture as soon as the page has had a look at the camera
    await expect
      .poll(() => press(page, add).then(() => list(page, '.class-count')))
      .toContain('1 picture');
    const box = await (await page.$(add))?.boundingBox();
    await page.mouse.move((box?.x ?? 0) + 20, (box?.y ?? 0) + 10);
    await page.mouse.down();
    await saysIn(page, `${card(1)} .class-count`, /^([4-9]|\d\d) pictures$/);
    await page.mouse.up();
    await inPage(page, "window.stream.getTracks()[0].dispatchEvent(new Event('ended'))"); // as if it were unplugged
    await saying(page, 'stage-error', /^The camera has ended\. Choose Camera again/);
    expect(await inPage(page, 'window.stream.getTracks()[0].readyState')).toBe('ended');
    await press(page, 'source-camera');
    await page.waitForFunction(
      "window.asked === 3 && document.getElementById('camera').videoWidth > 0",
    );
    await press(page, 'source-draw');
    expect(await inPage(page, 'window.stream.getTracks()[0].readyState')).toBe('ended');
    expect(problems.all()).toEqual([]);
  });

  it('says that a page without https has no camera', async () => {
    const { page, problems } = await visit();
    await inPage(
      page,
      "void Object.defineProperty(navigator, 'mediaDevices', { value: undefined })",
    );
    await press(page, 'source-camera');
    await saying(
      page,
      'stage-error',
      /^A page may use the camera only over https or on this machine/,
    );
    expect(problems.all()).toEqual([]);
  });

  it('hands out the network in every format, and as a page of one file that gives the same answers', async () => {
    const { page, problems } = await trained();
    const folder = newFolder();
    const session = await page.createCDPSession();
    await session.send('Browser.setDownloadBehavior', {
      behavior: 'allow',
      downloadPath: folder,
      browserContextId: page.browserContext().id ?? '',
    });
    const files = {
      'take-safetensors': ['model.safetensors'],
      'take-onnx': ['model.onnx'],
      'take-npz': ['model.npz'],
      'take-tfjs': ['model.json', 'weights.bin'],
      'take-page': ['my-network.html'],
    };
    for (const [id, names] of Object.entries(files)) {
      await press(page, id);
      await saying(page, 'take-note', new RegExp(`^Saved ${names.join(' and ')}`));
      for (const name of names) {
        await expect.poll(() => existsSync(join(folder, name))).toBe(true);
      }
    }
    const bytes = new Uint8Array(readFileSync(join(folder, 'model.safetensors')));
    const { classNames, preparation } = decodeModel(bytes, 'model.safetensors');
    expect([classNames, preparation]).toEqual([['Class 1', 'Class 2'], 'picture']);
    const model = loadModel(await createBackend(), bytes);
    const grey = new Uint8Array(3 * 32 * 32).fill(200);
    const [, share = 0] = model.predict(grey).data;

    const ready = await openFresh(pathToFileURL(join(folder, 'my-network.html')).href);
    await saysIn(ready.page, '#names', /^Class 1 and Class 2$/);
    await drop(ready.page, 'main', [{ name: 'grey.png', colour: 'rgb(200, 200, 200)' }]);
    await saysIn(ready.page, '.class:nth-child(2) .class-share', /%/);
    const [, shown] = await list(ready.page, '.class-share');
    expect(shown).toBe(`${(100 * share).toFixed(0)}\u2009%`);
    await press(ready.page, 'source-draw');
    await drawShape(ready.page, shapeDrawer(1)('circle'));
    await saying(ready.page, 'answer', /^Class \d$/);
    expect(ready.problems.all()).toEqual([]);
    expect(problems.all()).toEqual([]);
  });

  it('works offline once it was loaded', async () => {
    const { page, problems } = await visit();
    await saying(page, 'offline', /without a network/);
    await page.setOfflineMode(true);
    await page.reload();
    await page.waitForSelector('.class');
    for (const place of [1, 2]) {
      const files = [0, 1, 2].map((n) => ({
        name: `${n}.png`,
        colour: `hsl(${120 * place} 80% ${40 + n}%)`,
      }));
      await drop(page, card(place), files);
      await counted(page, place, '3 pictures');
    }
    await press(page, 'run');
    await saying(page, 'progress-text', /^Trained in/);
    await press(page, 'take-page');
    await saying(page, 'take-note', /^Saved my-network/);
    await page.setOfflineMode(false);
    expect(problems.all()).toEqual([]);
  });

  it('can be used by the keyboard: one tab stop for the pictures of a class, arrow keys among them', async () => {
    const { page } = await visit();
    await drop(
      page,
      card(1),
      ['red', 'green', 'blue'].map((colour) => ({ name: 'a.png', colour })),
    );
    await counted(page, 1, '3 pictures');
    await page.focus(`${card(1)} .class-name`);
    const focused = () =>
      inPage<string>(
        page,
        'document.activeElement.ariaLabel ?? document.activeElement.textContent',
      );
    const order: string[] = [];
    for (let n = 0; n < 4; n++) {
      await page.keyboard.press('Tab');
      order.push(await focused());
    }
    expect(order).toEqual([
      'Add picture to Class 1',
      'Files … for Class 1',
      'Class 1, picture 1. Remove it',
      'Name of class 2',
    ]);
    await page.focus(`${card(1)} .thumbs button`);
    await page.keyboard.press('ArrowRight');
    expect(await focused()).toBe('Class 1, picture 2. Remove it');
    await page.keyboard.press('End');
    expect(await focused()).toBe('Class 1, picture 3, held back. Remove it');
    await page.keyboard.press('Delete');
    await counted(page, 1, '2 pictures');
    expect(await focused()).toBe('Class 1, picture 2. Remove it');
  });

  it.each([
    ['desktop', { width: 1440, height: 900 }, 'light'],
    ['small desktop', { width: 1024, height: 768 }, 'dark'],
    ['phone', { width: 390, height: 844 }, 'light'],
    ['small phone', { width: 320, height: 568 }, 'dark'],
  ] as const)('is accessible: axe finds nothing serious, %s %o %s', async (_, viewport, scheme) => {
    const { page, problems } = await trained();
    await page.setViewport(viewport);
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
    const session = await page.createCDPSession();
    await session.send('Page.setBypassCSP', { enabled: true });
    const found = (await page.evaluate(
      `${axeSource()}; axe.run().then(({ violations }) => violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => id + ': ' + nodes.slice(0, 3).map(({ html }) => html).join(' | ')))`,
    )) as string[];
    expect(found).toEqual([]);
    expect(await inPage(page, 'document.body.scrollWidth > innerWidth')).toBe(false);
    const unnamed = await inPage<string[]>(
      page,
      `[...document.querySelectorAll('button, input, select')].filter((control) => control.checkVisibility())
        .filter((control) => !(control.ariaLabel || control.textContent.trim() || control.labels?.length))
        .map((control) => control.outerHTML)`,
    );
    expect(unnamed).toEqual([]);
    expect(problems.all()).toEqual([]);
  });
}
