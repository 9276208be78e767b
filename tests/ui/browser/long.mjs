// A history of ten thousand rows.

import assert from 'node:assert/strict';

import { holds, post, run, tab, until } from './browser.mjs';

const ROWS = 10000;
const ELEMENTS = 2000;
/** In the document, of rows and of lines. */
const MOST = 80;
const FRAME = 100;

await run(async () => {
  const begin = Date.parse('2026-01-01T00:00:00Z');
  const event = (index) => ({
    reason: index % 5 === 4 ? 'SuccessfulFinish' : index % 5 === 0 ? 'ActionStart' : `Step${index % 5}`,
    message: `row ${index}.`,
    elemId: `part-${Math.floor(index / 5) % ELEMENTS}`,
    elemType: 'Test.part',
    actionName: 'run',
    firstTimestamp: new Date(begin + index * 1000).toISOString(),
    metadata: { name: `row-${String(index).padStart(6, '0')}`, namespace: 'default' },
  });
  for (let from = 0; from < ROWS; from += 2500) {
    await post('long', Array.from({ length: 2500 }, (_, at) => event(from + at)));
  }
  const page = await tab('/x/id/long?lang=en');
  await page.getByText(`${ROWS} / ${ROWS} rows`).waitFor();
  const counts = () => page.evaluate(() => [document.querySelectorAll('tr.row').length, document.querySelectorAll('.line').length]);
  const shown = async () => {
    const [rows, lines] = await counts();
    assert.ok(rows > 5 && rows <= MOST && lines > 5 && lines <= MOST, `${rows} rows and ${lines} lines`);
  };
  await shown();
  holds(`of ${ROWS} rows and ${ELEMENTS} elements at most ${MOST} each are in the document`);

  const spent = await page.evaluate(async () => {
    const scroller = document.querySelector('.table .scroller');
    const found = [];
    let most = 0;
    for (let step = 0; step <= 60; step += 1) {
      const before = performance.now();
      scroller.scrollTop = (scroller.scrollHeight * step) / 60;
      await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
      found.push(performance.now() - before);
      most = Math.max(most, document.querySelectorAll('tr.row').length);
    }
    return { most, median: found.sort((a, b) => a - b)[30] };
  });
  assert.ok(spent.most <= MOST, `${spent.most} rows`);
  assert.ok(spent.median < FRAME, `a step of scrolling takes ${spent.median} ms`);
  console.log(`a step of scrolling takes ${spent.median.toFixed(1)} ms`);
  await page.locator('.table .scroller').evaluate((node) => { node.scrollTop = node.scrollHeight; });
  await page.locator('tr.row', { hasText: `row ${ROWS - 1}.` }).waitFor();
  await shown();
  holds('it is scrolled from end to end');

  await page.locator('table.events').focus();
  await page.keyboard.press('Home');
  await page.locator('tr.row.current', { hasText: 'row 0.' }).waitFor();
  await page.keyboard.press('End');
  await page.locator('tr.row.current', { hasText: `row ${ROWS - 1}.` }).waitFor();
  assert.equal(await page.locator('tr.row.current').getAttribute('aria-rowindex'), String(ROWS + 1));
  await page.locator('#find').fill('row 5000.');
  await until('the row that is looked for', async () => (await counts())[0] === 1);
  await page.locator('#find').fill('');
  holds('keys lead to both ends, and words to a row');

  await page.locator('[data-state=live]').waitFor();
  await page.locator('.table .scroller').evaluate((node) => { node.scrollTop = node.scrollHeight; });
  await post('long', [event(ROWS)]);
  await page.locator('tr.row', { hasText: `row ${ROWS}.` }).waitFor();
  await shown();
  holds('who reads at the end sees what comes');
});
