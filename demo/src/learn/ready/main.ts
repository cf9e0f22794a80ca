/** The page of one file: a picture at hand, and what the network takes it for. @module */
import { createBackend } from 'convlet';
import { loadModel } from 'convlet/formats';
import { byId, make, setText } from '../../dom.ts';
import { wordsOf } from '../../errors.ts';
import { percent } from '../../numbers.ts';
import { createTheme } from '../../theme.ts';
import { shrink } from '../pixels.ts';
import { Stage } from '../stage.ts';
import type { Content } from './readyPage.ts';
import './ready.css';

async function start(): Promise<void> {
  const stage = new Stage(createTheme());
  const { side, model: base64 } = JSON.parse(byId('model', HTMLElement).textContent) as Content;
  const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  const model = loadModel(await createBackend(), bytes, 'this page');
  const names = model.classNames ?? [];
  setText(byId('names', HTMLElement), new Intl.ListFormat('en').format(names));
  document.title = names.join(', ');
  const rows = names.map((name) => {
    const [measure, share] = [
      make('span', { class: 'measure' }, make('span')),
      make('span', { class: 'class-share' }),
    ];
    const row = make(
      'li',
      { class: 'class' },
      make('b', {}, name),
      make('p', { class: 'class-answer' }, measure, share),
    );
    return { row, measure, share };
  });
  byId('answers', HTMLElement).append(...rows.map(({ row }) => row));
  stage.hand.watch((hand) => {
    const shares = hand && model.predict(shrink(hand, side)).data;
    const best = shares?.indexOf(Math.max(...shares));
    for (const [index, { row, measure, share }] of rows.entries()) {
      const value = shares?.[index];
      measure.style.setProperty('--share', String(value ?? 0));
      setText(share, value === undefined ? '' : percent(value, 0));
      row.classList.toggle('largest', index === best);
    }
    const name = best === undefined ? undefined : names[best];
    setText(byId('answer', HTMLElement), name ?? 'Draw, look into the camera, or take a file.');
  });
  addEventListener('dragover', (event) => event.preventDefault());
  addEventListener('drop', (event) => {
    event.preventDefault();
    const [file] = event.dataTransfer?.files ?? [];
    if (file !== undefined) void stage.takeFile(file);
  });
  addEventListener('paste', (event) => {
    const [file] = event.clipboardData?.files ?? [];
    if (file !== undefined) void stage.takeFile(file);
  });
}

start().catch((error: unknown) => setText(byId('answer', HTMLElement), wordsOf(error)));
