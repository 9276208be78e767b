// A browser with a new profile, and what every test of the page wants to hold: no script of ours fails, nothing is
// asked of another origin, no dialog opens.

import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const require = createRequire(process.env.MODULES);
const { chromium } = require('playwright-core');
const axe = require('axe-core').source;

export const base = process.argv[2];

export const context = await chromium.launchPersistentContext(process.env.PROFILE, {
  executablePath: '/usr/bin/chromium',
  headless: true,
  viewport: { width: 1320, height: 780 },
  locale: 'en-US',
  timezoneId: 'UTC',
  args: [
    '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync',
  ],
});
context.setDefaultTimeout(15000);

const complaints = [];
/** Answers that a test provokes, and the browser complains of. */
export const expected = [];

context.on('request', (request) => {
  const { origin, protocol } = new URL(request.url());
  if (origin !== base && protocol !== 'blob:') complaints.push(`a request to ${request.url()}`);
});
context.on('dialog', (dialog) => {
  complaints.push(`a dialog: ${dialog.message()}`);
  dialog.dismiss();
});
context.on('weberror', (error) => complaints.push(`an error: ${error.error().stack}`));
context.on('console', (message) => {
  const text = `${message.text()} (${message.location().url})`;
  if (message.type() === 'error' && !expected.some((part) => text.includes(part))) complaints.push(`the console: ${text}`);
});

/** Opens a page. */
export async function tab(where) {
  const page = await context.newPage();
  await page.goto(base + where);
  return page;
}

/** Waits until something is so. */
export async function until(what, so, patience = 15000) {
  const end = Date.now() + patience;
  for (;;) {
    if (await so()) return;
    assert.ok(Date.now() < end, `${what}: not within ${patience} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export async function json(where, options) {
  const answer = await fetch(base + where, options);
  assert.ok(answer.ok, `${where}: ${answer.status} ${await answer.clone().text()}`);
  return answer.json();
}

export async function post(id, events, headers = {}) {
  const answered = await json(`/v1/executions/${encodeURIComponent(id)}/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(events),
  });
  assert.equal(answered.invalid, 0, JSON.stringify(answered).slice(0, 400));
}

/** Serious faults that axe finds. */
export async function faults(page) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  const serious = found.violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  return serious.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 4).map(({ html, any }) => `${html.slice(0, 160)} ${any[0]?.message ?? ''}`).join('\n  ')}`);
}

/** For the README, if it is to be written. */
export async function picture(page, name, height) {
  if (process.env.UPDATE !== '1') return;
  mkdirSync(process.env.IMAGES, { recursive: true });
  await page.setViewportSize({ width: 1200, height });
  await page.mouse.move(0, 0);
  await page.waitForTimeout(300);
  await page.screenshot({ path: path.join(process.env.IMAGES, `${name}.png`) });
}

/** For who wants to see what the test saw; it is not of the README. */
export async function kept(page, name) {
  const where = path.join(process.env.KEPT, `${name}.png`);
  await page.screenshot({ path: where });
  console.log(`a picture: ${where}`);
}

/** Says that one thing holds. */
export const holds = (what) => console.log(`holds: ${what}`);

/** Runs the checks; with the last line, all hold. */
export async function run(checks) {
  try {
    await checks();
    assert.deepEqual(complaints, []);
  } finally {
    await context.close();
  }
  console.log('everything holds');
}
