// What `dagtrail demo --once` prints in a terminal, as a picture for the README.

import assert from 'node:assert/strict';

import { context, holds, picture, run } from './browser.mjs';

const COLOURS = { 30: '#6b7280', 31: '#ff8a8a', 32: '#56c990', 33: '#f5bb55', 34: '#82aaff', 35: '#d3a4ff', 36: '#6fd3e0', 37: '#e5e9f0', 90: '#9ba7ba' };
const LINE = 20;

/** Text with the colours of a terminal: parts, each with its style. */
function parts(text) {
  let style = {};
  return text.split(/(\x1b\[[\d;]*m)/).flatMap((part) => {
    const codes = part.match(/^\x1b\[([\d;]*)m$/)?.[1];
    if (codes === undefined) return part ? [{ text: part, style: { ...style } }] : [];
    for (const code of codes.split(';').map(Number)) {
      if (code === 0) style = {};
      else if (code === 1) style.fontWeight = '700';
      else if (code === 2) style.opacity = '0.7';
      else if (COLOURS[code]) style.color = COLOURS[code];
    }
    return [];
  });
}

await run(async () => {
  const printed = `$ dagtrail demo --once\n${process.env.PRINTED}`;
  const page = await context.newPage();
  await page.evaluate((parts) => {
    Object.assign(document.body.style, { margin: 0, background: '#0e1219' });
    const screen = document.createElement('pre');
    Object.assign(screen.style, { margin: 0, padding: '16px 20px', color: '#e5e9f0', font: '13px/20px "DejaVu Sans Mono", "Noto Sans Mono CJK SC", monospace' });
    for (const { text, style } of parts) {
      const span = document.createElement('span');
      span.textContent = text;
      Object.assign(span.style, style);
      screen.append(span);
    }
    document.body.append(screen);
  }, parts(printed));
  const shown = await page.locator('pre').innerText();
  assert.match(shown, /BackOff\s+train\s+12\s+Back-off restarting failed container/);
  assert.ok(!shown.includes('\x1b'), 'every code of the terminal is understood');
  assert.ok(await page.locator('span').evaluateAll((spans) => new Set(spans.map((span) => span.style.color)).size) > 1, 'there are colours');
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= 1200 || innerWidth > 1200), 'no line is cut');
  await picture(page, 'once', 32 + LINE * printed.trimEnd().split('\n').length);
  holds('what is printed shows the run that failed');
});
