/**
 * Real browsers for tests and measurements: found where they usually are, started without a window on a new profile,
 * and watched for everything that goes wrong in a page. puppeteer-core speaks to both: over CDP to Chromium, over
 * WebDriver BiDi to Firefox.
 */
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type Browser, launch, type Page } from 'puppeteer-core';
import { PATIENCE } from './patience.ts';

export type BrowserKind = 'chromium' | 'firefox';

/** What went wrong in a page so far. */
export interface Problems {
  readonly consoleErrors: string[];
  readonly pageErrors: string[];
  /** Requests without an answer, or with one from 400 up. */
  readonly failedRequests: string[];
  readonly cspViolations: string[];
  /** All of them: `expect(problems.all()).toEqual([])`. */
  all(): string[];
}

export interface OpenPage {
  readonly page: Page;
  readonly problems: Problems;
}

/** In the order of looking. */
const PATHS: Readonly<Record<BrowserKind, () => readonly (string | undefined)[]>> = {
  chromium: () => [
    process.env.CHROMIUM_PATH,
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    ...playwrightPaths(),
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ],
  firefox: () => [
    process.env.FIREFOX_PATH,
    '/usr/bin/firefox-esr',
    '/usr/bin/firefox',
    '/Applications/Firefox.app/Contents/MacOS/firefox',
  ],
};

const CHROMIUM_FLAGS = [
  '--no-sandbox', // root has no other way, and the pages are our own
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Nothing of the outside: no first page, no updates, no reports. */
const FIREFOX_PREFERENCES = {
  'app.update.enabled': false,
  'browser.aboutwelcome.enabled': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
};

/** For the start of a browser, and for its answers. */
const PATIENT = { timeout: PATIENCE, protocolTimeout: PATIENCE };

/** Marks what the page's own listener reports, among all that is printed. */
const CSP_MARK = 'content security policy violated: ';

/** The path of a browser, or undefined. @throws {Error} if an environment variable names one that does not exist. */
export function findBrowser(kind: BrowserKind): string | undefined {
  const variable = variableOf(kind);
  const given = process.env[variable];
  if (given && !existsSync(given)) {
    throw new Error(`${variable}: expected a browser, got ${given}, which does not exist.`);
  }
  return PATHS[kind]().find((path) => path && existsSync(path));
}

/** `findBrowser` with a notice if there is none. @throws {Error} instead if `CI` is set, which must have every browser. */
export function browserOrNotice(
  kind: BrowserKind = 'chromium',
  find: (kind: BrowserKind) => string | undefined = findBrowser,
): string | undefined {
  const path = find(kind);
  if (path !== undefined) return path;
  const missing = `no ${kind} on this machine. Install it, or set ${variableOf(kind)} to its path.`;
  if (isContinuousIntegration()) throw new Error(`tests in ${kind}: ${missing}`);
  console.info(`skipped: ${missing}`);
  return undefined;
}

/** Whether everything must be there: `CI` is set, and not to a word for no. */
export function isContinuousIntegration(): boolean {
  return !['', '0', 'false', 'no'].includes((process.env.CI ?? '').toLowerCase());
}

/** How a browser is watched. */
export interface Watching {
  /** Whether its requests are. Chromium's pages then keep the bodies of all responses, which looks like a leak. */
  readonly networkEnabled?: boolean;
}

/**
 * Starts a browser on a new, empty profile. Close it when done; it also ends with this process, and Chromium even where
 * this process is killed, for its pipe breaks.
 */
export async function startBrowser(
  kind: BrowserKind,
  path = findBrowser(kind),
  watching: Watching = {},
): Promise<Browser> {
  if (path === undefined) {
    throw new Error(`startBrowser: expected ${kind}, found none. Set ${variableOf(kind)}.`);
  }
  return kind === 'firefox'
    ? launch({
        browser: 'firefox',
        executablePath: path,
        headless: true,
        ...PATIENT,
        ...watching,
        extraPrefsFirefox: FIREFOX_PREFERENCES,
      })
    : launch({
        browser: 'chrome',
        executablePath: path,
        headless: true,
        ...PATIENT,
        ...watching,
        pipe: true,
        args: CHROMIUM_FLAGS,
      });
}

/** Opens a page in a new tab, of a browser or of one of its contexts, and listens to it from before its first byte. */
export async function openPage(browser: Pick<Browser, 'newPage'>, url: string): Promise<OpenPage> {
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE);
  const problems = watch(page);
  await page.evaluateOnNewDocument(`addEventListener('securitypolicyviolation', (event) =>
    console.error(${JSON.stringify(CSP_MARK)} + event.effectiveDirective + ' ' + event.blockedURI))`);
  await page.goto(url);
  return { page, problems };
}

function watch(page: Page): Problems {
  const lists = {
    consoleErrors: [] as string[],
    pageErrors: [] as string[],
    failedRequests: [] as string[],
    cspViolations: [] as string[],
  };
  page.on('console', (message) => {
    const text = message.text();
    if (text.startsWith(CSP_MARK)) lists.cspViolations.push(text.slice(CSP_MARK.length));
    else if (message.type() === 'error') lists.consoleErrors.push(text);
  });
  page.on('pageerror', (error) => {
    lists.pageErrors.push(error instanceof Error ? error.message : String(error));
  });
  page.on('requestfailed', (request) => {
    lists.failedRequests.push(`${request.url()}: ${request.failure()?.errorText ?? 'no answer'}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) {
      lists.failedRequests.push(`${response.url()}: status ${response.status()}`);
    }
  });
  return { ...lists, all: () => Object.values(lists).flat() };
}

function variableOf(kind: BrowserKind): string {
  return kind === 'firefox' ? 'FIREFOX_PATH' : 'CHROMIUM_PATH';
}

/** Chromium as Playwright keeps it, the newest first. */
function playwrightPaths(): string[] {
  const cache = process.env.PLAYWRIGHT_BROWSERS_PATH ?? join(homedir(), '.cache', 'ms-playwright');
  if (!existsSync(cache)) return [];
  const builds = readdirSync(cache).filter((name) => /^chromium-\d+$/.test(name));
  return builds
    .sort((a, b) => Number(b.split('-')[1]) - Number(a.split('-')[1]))
    .flatMap((name) =>
      ['chrome-linux', 'chrome-linux64'].map((f) => join(cache, name, f, 'chrome')),
    );
}
