// Uses VS Code in a browser as a person would, and prints what that person saw.
//
//   node drive.mjs URL WORKSPACE SCREENSHOTS free|paid|asked      (in the folder that install.sh filled)
//
// `free` runs three actions and looks at all they do; `paid` starts one and cancels it; `asked` answers questions. Standard output is one JSON
// object; its keys are set below, where `seen` is.

import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const { chromium } = createRequire(join(process.cwd(), 'package.json'))('playwright-core');
const [url, workspace, screenshots, scenario] = process.argv.slice(2);
const FUNCTION = { line: 4, column: 5, name: 'total' };
const DOCSTRING = `    """`; // the function's, not the module's
const PATIENCE = 20_000; // milliseconds

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--disable-dev-shm-usage',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--no-first-run',
  ],
});
const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
page.setDefaultTimeout(PATIENCE);
const seen = { blocked: [] };

// VS Code asks for galleries and experiments elsewhere: this test talks to this machine only.
await page.route('**/*', (route) => {
  const { hostname } = new URL(route.request().url());
  if (hostname === '127.0.0.1') return route.continue();
  if (!seen.blocked.includes(hostname)) seen.blocked.push(hostname);
  return route.abort();
});

async function shoot(name) {
  // Hovers and notifications fade in; a picture taken earlier shows ghosts. What spins for ever is not waited for.
  await page.waitForFunction(() =>
    document.getAnimations().every(({ playState, effect }) =>
      playState !== 'running' || effect.getTiming().iterations === Infinity));
  await page.screenshot({ path: join(screenshots, `${name}.png`) });
}
const editor = page.locator('.editor-instance .view-lines').first();
const text = async () => (await editor.innerText()).replaceAll('\u00a0', ' ');
const tab = (name) => page.locator(`.tab.active[data-resource-name="${name}"]`).first();
const statusItem = page.locator('#codefare\\.codefare\\.codefare');

async function open(name) {
  await page.locator('.explorer-folders-view .monaco-list-row', { hasText: name }).first().dblclick();
  await tab(name).waitFor();
}

async function goTo({ line, column }) {
  const box = page.locator('.quick-input-widget');
  await page.keyboard.press('Control+G');
  await box.locator('input').first().fill(`:${line}:${column}`);
  await page.keyboard.press('Enter');
  await box.waitFor({ state: 'hidden' });
}

/** Opens the action menu at the function; returns its titles and the widget. */
async function menu() {
  const widget = page.locator('.action-widget').filter({ has: page.locator('.monaco-list-row.action') }).first();
  // A key press is lost while the focus is still on its way back from the Go-to-line box.
  for (let left = 4; ; left--) {
    await page.keyboard.press('Escape');
    await goTo(FUNCTION);
    await page.keyboard.press('Control+.');
    try {
      await widget.waitFor({ timeout: PATIENCE / 4 });
      return await widget.locator('.monaco-list-row.action').allInnerTexts();
    } catch (error) {
      if (left === 0) throw error;
    }
  }
}

/** Picks an action by the keyboard: VS Code lays a pane over the list until the mouse moves, which holds clicks up. */
async function pick(titles, start) {
  const steps = titles.findIndex((title) => title.startsWith(start));
  if (steps < 0) throw new Error(`no action ${start} among ${JSON.stringify(titles)}`);
  for (let i = 0; i < steps; i++) await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
}

const input = page.locator('.quick-input-widget:visible');

/** Types into the box at the top, waits for the line that it leaves, if it is a list, and presses Enter. */
async function answer(words, line) {
  await input.locator('input').first().fill(words);
  if (line) await input.locator('.monaco-list-row.focused', { hasText: line }).waitFor();
  await page.keyboard.press('Enter');
}

/** Runs a command of the palette. */
async function command(title) {
  await page.keyboard.press('F1');
  await answer(`>${title}`, title);
}

/** The text of a report, which is a page in a frame of a frame. */
async function report(part) {
  const body = page.frameLocator('iframe.webview.ready').frameLocator('#active-frame').locator('.markdown-body');
  await body.filter({ hasText: part }).waitFor();
  return body.innerText();
}

async function closeReport() {
  await page.locator('.tab.active', { hasText: 'Preview' }).locator('.tab-actions .action-label').click();
}

async function save() {
  await page.locator('.tab.active.dirty').first().waitFor(); // the mark trails the edit
  await page.keyboard.press('Control+S');
  await page.locator('.tab.active:not(.dirty)').first().waitFor();
}

const until = (part, there = true) =>
  page.waitForFunction(
    ([part, there]) =>
      document.querySelector('.editor-instance .view-lines').innerText.replaceAll('\u00a0', ' ').includes(part) === there,
    [part, there],
  );

async function start() {
  await page.goto(`${url}/?folder=${encodeURIComponent(workspace)}`, { timeout: 3 * PATIENCE });
  await page.waitForSelector('.explorer-folders-view .monaco-list-row', { timeout: 3 * PATIENCE });
  await open('shop.py');
  await statusItem.filter({ hasText: 'Codefare' }).waitFor({ timeout: 3 * PATIENCE });
}

async function hover() {
  const word = editor.locator('span span', { hasText: FUNCTION.name }).first();
  const popup = page.locator('.monaco-hover:not(.hidden) .hover-contents', { hasText: 'Document' }).first();
  // The first one may come before the server is up: move away and back until it answers.
  for (let left = 6; ; left--) {
    await page.mouse.move(5, 5);
    await word.hover();
    try {
      await popup.waitFor({ timeout: PATIENCE / 4 });
      break;
    } catch (error) {
      if (left === 0) throw error;
    }
  }
  return popup.innerText();
}

const scenarios = {
  async free() {
    seen.hover = await hover();
    await shoot('hover');

    seen.menu = await menu();
    await shoot('menu');
    await pick(seen.menu, 'Document');
    await until(DOCSTRING);
    await shoot('edited');
    await save();
    seen.saved = readFileSync(join(workspace, 'shop.py'), 'utf8');

    await page.keyboard.press('Control+Z');
    await until(DOCSTRING, false);
    await save();
    seen.undone = readFileSync(join(workspace, 'shop.py'), 'utf8');

    seen.again = await menu();
    await shoot('cached');
    await pick(seen.again, 'Explain');
    seen.report = await report(FUNCTION.name);
    await shoot('report');
    await closeReport();

    await open('shop.py');
    await pick(await menu(), 'Write tests');
    await tab('test_shop.py').waitFor();
    await until('def test_');
    seen.tests = await text();
    await shoot('tests');
  },

  async paid() {
    await hover(); // the server is up
    seen.menu = await menu();
    await shoot('prices');
    await pick(seen.menu, 'Document');
    await statusItem.filter({ hasText: '¢' }).waitFor();
    seen.running = await statusItem.innerText();
    await shoot('running');
    await statusItem.locator('a').click();
    await statusItem.filter({ hasText: /^\s*Codefare\s*$/ }).waitFor();
    seen.left = await text();
  },

  async asked() {
    await hover(); // the server is up
    await goTo(FUNCTION);
    await page.keyboard.press('Shift+F10');
    await page.locator('.context-view .action-item', { hasText: 'Codefare' }).first().hover();
    await page.locator('.context-view .action-item', { hasText: 'Ask About This Code' }).first().waitFor();
    seen.context = await page.locator('.context-view .action-item').allInnerTexts();
    await shoot('context');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');

    await goTo(FUNCTION);
    await command('Codefare: Refactor with Your Own Words');
    await input.filter({ hasText: 'what do you want' }).waitFor();
    await shoot('words');
    await answer('name the parts');
    await until('whole');
    seen.edited = await text();

    await command('Codefare: Describe the Architecture');
    seen.described = await report('one shop');
    await shoot('described');
    await closeReport();

    await goTo(FUNCTION);
    await command('Codefare: Other Models and What Would Be Sent');
    await input.filter({ hasText: `Explain ${FUNCTION.name}` }).waitFor();
    seen.actions = await input.locator('.monaco-list-row').allInnerTexts();
    await shoot('choices');
    await answer('Refactor', `Refactor ${FUNCTION.name}`);
    await input.filter({ hasText: 'Show what would be sent' }).waitFor();
    seen.models = await input.locator('.monaco-list-row').allInnerTexts();
    await shoot('models');
    await answer('Show what', 'Show what would be sent');
    seen.sent = await report('POST');
    await shoot('sent');
  },
};

try {
  await start();
  await scenarios[scenario]();
  seen.toasts = await page.locator('.notifications-toasts .notification-list-item-message').allInnerTexts();
  seen.status = await statusItem.innerText();
} catch (error) {
  seen.error = String(error.stack ?? error);
  await shoot(`failed-${scenario}`);
}
console.log(JSON.stringify(seen));
await browser.close();
process.exitCode = seen.error ? 1 : 0;
