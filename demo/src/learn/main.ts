/** The page that learns the visitor's own pictures: who tells whom what. @module */
import 'uplot/dist/uPlot.min.css';
import { CurvesView } from '../charts/curvesView.ts';
import { byId, onClick, setText } from '../dom.ts';
import { wordsOf } from '../errors.ts';
import { count, percent } from '../numbers.ts';
import { keepPage } from '../offline.ts';
import { Speaker } from '../speaker.ts';
import { Store } from '../store.ts';
import { createTheme, type Theme } from '../theme.ts';
import { AddButtons } from './addButtons.ts';
import { ClassList } from './classList.ts';
import { type Collection, emptyCollection, pictureCount } from './collection.ts';
import { Keeper, loadNetwork, loadVisit, removeStrays, takeLock, type Visit } from './kept.ts';
import { type Answer, Learner } from './learner.ts';
import { DEFAULT_LESSON, EPOCHS, type Lesson, obstacleTo } from './lesson.ts';
import { LessonForm } from './lessonForm.ts';
import { Stage } from './stage.ts';
import { connectTake } from './take.ts';

/** Milliseconds between two answers for screen readers. */
const SPEAK = 1500;

class Page {
  readonly #theme: Store<Theme>;
  readonly #collection: Store<Collection>;
  readonly #lesson: Store<Lesson>;
  readonly #stage: Stage;
  readonly #classes: ClassList;
  readonly #curves = new CurvesView(() => EPOCHS);
  readonly #run = onClick('run', () => void this.#trainOrStop());
  readonly #progress = byId('progress', HTMLProgressElement);
  readonly #learner: Learner;
  readonly #addButtons: AddButtons;
  #keeper: Keeper | undefined;
  #isStale: boolean;
  #stepsPerEpoch = 1;
  #began = 0;
  /** What came of the last training. */
  #outcome = 'Trained at your last visit';
  readonly #speaker = new Speaker(SPEAK);

  constructor(theme: Store<Theme>, visit: Visit | undefined) {
    this.#theme = theme;
    this.#stage = new Stage(theme);
    this.#collection = new Store(visit?.collection ?? emptyCollection());
    this.#lesson = new Store(visit?.lesson ?? DEFAULT_LESSON);
    this.#isStale = visit?.isStale ?? false;
    this.#learner = new Learner({
      onBegin: (steps) => {
        this.#stepsPerEpoch = steps;
        this.#began = performance.now();
        this.#curves.begin([]);
      },
      onStep: (event) => {
        this.#curves.addStep(event, this.#stepsPerEpoch);
        this.#progress.value = (event.epoch - 1 + event.step / this.#stepsPerEpoch) / EPOCHS;
      },
      onEpoch: (event) => {
        this.#curves.addEpoch(event);
        setText(byId('progress-text', HTMLElement), `Pass ${event.epoch} over the pictures`);
      },
      onError: (text) => this.#tell(text),
    });
    this.#classes = new ClassList(this.#collection, () => ({
      pixels: this.#stage.hand.value,
      absence: this.#stage.absence,
      isLive: this.#stage.source.value === 'camera',
      taken: () => this.#stage.clear(),
    }));
    this.#addButtons = new AddButtons((id) => this.#addHand(id));
    new LessonForm(this.#lesson, this.#collection);
    this.#connect();
  }

  /** Keeps what changes from now on, and brings back the network of the last visit. */
  async remember(visit: Visit | undefined): Promise<void> {
    if (!(await takeLock())) {
      setText(
        byId('kept', HTMLElement),
        'This page is open in another tab, which keeps its pictures. What you do here is not kept.',
      );
      return;
    }
    this.#keeper = new Keeper(visit?.collection ?? [], (error) => {
      const text = error === undefined ? '' : `Not kept: ${wordsOf(error)}`;
      setText(byId('kept', HTMLElement), text);
    });
    await removeStrays(this.#collection.value);
    const bytes = visit?.known && (await loadNetwork());
    if (bytes === undefined || visit?.known === undefined) return;
    const { known, collection, isStale } = visit;
    await this.#learner.open(bytes, known, isStale ? undefined : collection);
  }

  #connect(): void {
    const learner = this.#learner;
    this.#theme.watch(() => this.#curves.restyle());
    this.#stage.hand.watch((hand) => learner.ask(hand));
    learner.answer.watch((answer) => this.#showAnswer(answer));
    learner.judgement.watch((judgement) => {
      this.#classes.judge(judgement);
      const { count: total, right } = judgement ?? { count: 0, right: 0 };
      setText(byId('score', HTMLElement), judgement ? percent(right / total, 0) : '–');
      setText(
        byId('score-note', HTMLElement),
        judgement
          ? `${right} of ${total} held-back pictures read correctly`
          : 'of held-back pictures read correctly',
      );
    });
    learner.phase.watch((phase, before) => {
      if (phase === 'trained' && before === 'training') this.#end();
      this.#showPhase();
    });
    this.#collection.watch((now, before) => {
      this.#addButtons.show(now);
      if (now !== before) this.#changed();
    });
    this.#lesson.watch((now, before) => now !== before && this.#changed());
    connectTake(async () => {
      const [model, known] = [await learner.file(), learner.known];
      return model && known && { model, side: known.side };
    });
    this.#listenToFiles();
    this.#showPhase();
  }

  #changed(): void {
    this.#isStale = true;
    this.#tell('');
    this.#keep();
    this.#showPhase();
    this.#showAnswer(this.#learner.answer.value);
  }

  #keep(model?: Uint8Array<ArrayBuffer>): void {
    const { known, phase } = this.#learner;
    const isKnown = phase.value === 'trained';
    const visit: Visit = {
      collection: this.#collection.value,
      lesson: this.#lesson.value,
      known: isKnown ? known : undefined,
      isStale: this.#isStale,
    };
    void this.#keeper?.keep(visit, model);
  }

  async #trainOrStop(): Promise<void> {
    const learner = this.#learner;
    if (learner.phase.value === 'training') {
      learner.stop();
      return;
    }
    const obstacle = obstacleTo(this.#collection.value);
    this.#tell(obstacle ?? '');
    if (obstacle !== undefined) return;
    this.#isStale = false;
    await learner.train(this.#collection.value, this.#lesson.value);
    if (learner.phase.value === 'trained') this.#keep(await learner.bytes());
  }

  #end(): void {
    const seconds = (performance.now() - this.#began) / 1000;
    this.#outcome = `Trained in ${seconds.toFixed(1)} s on ${count(this.#learner.threads, 'thread')}`;
  }

  #showPhase(): void {
    const phase = this.#learner.phase.value;
    const isBusy = phase === 'training' || phase === 'loading';
    setText(this.#run, isBusy ? 'Stop' : phase === 'trained' ? 'Train anew' : 'Train');
    this.#run.disabled = phase === 'loading';
    document.body.classList.toggle('has-network', phase === 'trained' || phase === 'training');
    const text = byId('progress-text', HTMLElement);
    if (isBusy) {
      if (phase === 'loading') setText(text, 'Getting ready …');
      return;
    }
    if (phase === 'trained') {
      this.#progress.value = 1;
      setText(
        text,
        this.#isStale
          ? 'Something has changed since it was trained. Train anew to learn it.'
          : this.#outcome,
      );
      return;
    }
    this.#progress.value = 0;
    const pictures = pictureCount(this.#collection.value);
    setText(
      text,
      pictures === 0
        ? 'No pictures yet: draw one, and add it to a class.'
        : (obstacleTo(this.#collection.value) ??
            `${count(pictures, 'picture')}, ready to be learnt`),
    );
  }

  #showAnswer(answer: Answer | undefined): void {
    this.#classes.answer(answer);
    const element = byId('answer', HTMLElement);
    const [best] = [...(answer?.shares ?? [])].sort(([, a], [, b]) => b - a);
    const name = this.#collection.value.find(({ id }) => id === best?.[0])?.name;
    if (best === undefined || name === undefined) {
      setText(element, '');
      this.#speaker.hush();
      return;
    }
    const text = `${name}, ${percent(best[1], 0)} sure`;
    setText(element, text);
    this.#speaker.speak(text);
  }

  /** What is dropped beside the classes or pasted becomes the picture at hand; pasted into a class, one of its pictures. */
  #listenToFiles(): void {
    addEventListener('drop', (event) => {
      event.preventDefault();
      const files = [...(event.dataTransfer?.files ?? [])];
      const [file] = files;
      if (files.length > 1)
        this.#stage.tell('Drop several pictures onto the class that they belong to.');
      else if (file !== undefined) void this.#stage.takeFile(file);
    });
    addEventListener('paste', (event) => {
      const files = [...(event.clipboardData?.files ?? [])];
      const [file] = files;
      if (file === undefined) return;
      event.preventDefault();
      const card = this.#classes.focused;
      if (card !== undefined) void card.takeFiles(files);
      else void this.#stage.takeFile(file);
    });
  }

  /** What is wrong is told beside the button that was pressed. */
  #addHand(classId: number): void {
    try {
      this.#classes.addHand(classId);
    } catch (error) {
      this.#stage.tell(wordsOf(error));
    }
  }

  #tell(text: string): void {
    setText(byId('notice', HTMLElement), text);
  }
}

async function start(): Promise<void> {
  const theme = createTheme(); // before anything is waited for
  // storage may be forbidden: the page works without
  const visit = await loadVisit().catch(() => undefined);
  const page = new Page(theme, visit);
  await page.remember(visit).catch((error: unknown) => {
    setText(byId('kept', HTMLElement), `Not kept: ${wordsOf(error)}`);
  });
}

start().catch((error: unknown) => {
  setText(byId('notice', HTMLElement), wordsOf(error));
  throw error;
});
keepPage();
