// Two thousand strings that want to be more than text, in every field that is shown.

import assert from 'node:assert/strict';

import { holds, post, run, tab, until } from './browser.mjs';

const RUN = '<img src=x onerror=alert(1)>';
const ATTACKS = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '<svg onload=alert(1)>',
  '"><iframe src="javascript:alert(1)"></iframe>',
  "'\"><body onload=alert(1)>",
  '<a href="javascript:alert(1)">x</a>',
  'javascript:alert(1)',
  '<style>@import url(http://evil.example/a.css)</style>',
  '<link rel=stylesheet href=http://evil.example/b.css>',
  '<img src=http://evil.example/c.png>',
  '{{constructor.constructor("alert(1)")()}}',
  '${alert(1)}',
  '</table></div><h1>gone</h1>',
  '<form action=http://evil.example><input name=a></form>',
  '<math><mtext></mtext><mglyph><style><img src onerror=alert(1)>',
  '<template><script>alert(1)</script></template>',
  '<object data="data:text/html,<script>alert(1)</script>">',
  '\u202Eevil\u202C \u2066isolate',
  '<meta http-equiv=refresh content="0;url=http://evil.example">',
  '&lt;script&gt;alert(1)&lt;/script&gt;',
];
const MANY = 2000;
/** What the page is made of. Nothing else may be in it. */
const OURS = 'HTML HEAD META TITLE LINK SCRIPT BODY DIV NOSCRIPT HEADER A I SPAN BUTTON MAIN NAV DL DT DD TIME H1 H2 H3 BDI SECTION UL LI SVG PATH B TABLE THEAD TBODY TR TH TD INPUT LABEL P ASIDE STRONG PRE DETAILS SUMMARY FORM SELECT OPTION DATALIST'.split(' ');

async function clean(page) {
  const found = await page.evaluate(() => ({
    tags: [...new Set([...document.querySelectorAll('*')].map((node) => node.tagName.toUpperCase()))],
    inside: [...document.querySelectorAll('bdi *, td bdi *')].length,
    handlers: [...document.querySelectorAll('*')].flatMap((node) => node.getAttributeNames().filter((name) => name.startsWith('on'))),
    scripts: document.scripts.length,
    links: [...document.querySelectorAll('a')].map((node) => node.protocol).filter((protocol) => protocol !== 'http:'),
  }));
  assert.deepEqual(found.tags.filter((tag) => !OURS.includes(tag)), []);
  assert.deepEqual({ ...found, tags: [] }, { tags: [], inside: 0, handlers: [], scripts: 1, links: [] });
}

await run(async () => {
  const at = Date.now() - MANY * 1000;
  const events = Array.from({ length: MANY }, (_, index) => {
    const attack = ATTACKS[index % ATTACKS.length];
    return {
      reason: index % 2 ? attack : `原因##R${index}`,
      message: `${attack} ${index}`,
      elemId: `${attack} ${index % 100}`,
      elemType: attack,
      actionName: attack,
      type: index % 3 ? 'Normal' : 'Warning',
      firstTimestamp: new Date(at + index * 1000).toISOString(),
      labels: { [attack]: attack },
      payload: { [attack]: [attack] },
      metadata: { name: `${attack}-${index}`, namespace: 'default' },
    };
  });
  events.push({ reason: 'FailedFinish', type: 'Warning', message: ATTACKS[1], firstTimestamp: new Date().toISOString() });
  await post(RUN, events);

  const page = await tab('/?lang=both');
  await page.setViewportSize({ width: 1320, height: 2400 });
  await page.locator('tr.run').first().waitFor();
  await clean(page);
  await page.locator('tr.run a').first().click();
  await page.locator('.why .cause').first().waitFor();
  await clean(page);
  const seen = new Set();
  const scroller = page.locator('.table .scroller');
  for (let step = 0; seen.size < MANY; step += 1) {
    const texts = await page.locator('tr.row td.message .half:first-child').allTextContents();
    for (const text of texts) seen.add(text);
    const isAtEnd = await scroller.evaluate((node) => {
      const before = node.scrollTop;
      node.scrollTop += node.clientHeight;
      return node.scrollTop === before;
    });
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    if (step % 20 === 0) await clean(page);
    if (isAtEnd) break;
    assert.ok(step < 500, 'the end is never reached');
  }
  const lacking = events.slice(0, MANY).filter(({ message }) => !seen.has(message));
  assert.deepEqual(lacking.slice(0, 3), []);
  holds(`${MANY} hostile strings are shown as they are`);

  const lines = page.locator('.chart .scroller');
  for (const part of [0, 0.5, 1]) {
    await lines.evaluate((node, to) => { node.scrollTop = node.scrollHeight * to; }, part);
    await page.locator('.line').first().hover();
    await clean(page);
  }
  for (const index of [0, 3, 7]) {
    // A click on the one that is open would close it.
    await page.locator('tr.row:not(.chosen)').nth(index).click();
    await page.locator('.detail').waitFor();
    await clean(page);
  }
  await page.locator('.detail dd button.plain').click();
  await until('the chip of the element', async () => (await page.locator('#only').count()) === 1);
  await clean(page);
  await page.goto(page.url().replace(/#.*/, '') + '&q=' + encodeURIComponent(ATTACKS[0]));
  await page.locator('.bar-top').first().waitFor();
  await clean(page);
  holds('so in the timeline, in its hints, in details and in the address');
});
