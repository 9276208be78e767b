// Eight tabs of one browser: each answers, and together they hold one stream.

import assert from 'node:assert/strict';

import { base, context, expected, holds, post, run, tab, until } from './browser.mjs';

const TABS = 8;
const RUN = 'many-eyes';
const QUICK = 2000;
let told = 0;

async function streams() {
  const metrics = await (await fetch(`${base}/metrics`)).text();
  return Number(metrics.match(/^dagtrail_streams (\d+)/m)[1]);
}

/** Tells of something; answers its words. */
async function tell(id = RUN) {
  told += 1;
  const message = `telling number ${told}.`;
  const firstTimestamp = new Date(Date.now() - 1000).toISOString();
  await post(id, [{ reason: 'Told', message, elemId: 'a', actionName: 'run', firstTimestamp }]);
  return message;
}

const shows = (page, message) => page.locator('tr.row', { hasText: message }).waitFor({ timeout: 10000 });

await run(async () => {
  await tell();
  const first = await tell('another');
  const tabs = [];
  for (let at = 0; at < TABS; at += 1) {
    const begin = Date.now();
    const page = await tab(`/x/id/${RUN}?lang=en`);
    await page.locator('tr.row').first().waitFor();
    assert.ok(Date.now() - begin < QUICK, `tab ${at} took ${Date.now() - begin} ms`);
    tabs.push(page);
  }
  holds(`${TABS} tabs answer within ${QUICK} ms each`);

  for (const page of tabs) await page.locator('[data-state=live]').waitFor();
  assert.equal(await streams(), 1);
  const asked = [];
  context.on('request', (request) => asked.push(request.url()));
  for (let at = 0; at < 3; at += 1) {
    const message = await tell();
    await Promise.all(tabs.map((page) => shows(page, message)));
  }
  assert.equal(await streams(), 1);
  assert.deepEqual(asked, []);
  holds('each shows what is told, out of one stream and without asking');

  const list = await tab('/?lang=en');
  await list.locator('tr.run', { hasText: 'another' }).waitFor();
  await list.getByRole('link', { name: 'another' }).click();
  await shows(list, first);
  const other = await tell('another');
  await shows(list, other);
  assert.equal(await streams(), 1);
  await list.close();
  holds('a tab with another execution asks now and then, and holds no stream beside it');

  // The first has the lock; who comes after it goes on where the others are.
  await tabs.shift().close();
  await until('another tab takes over', async () => (await streams()) === 1);
  const after = await tell();
  await Promise.all(tabs.map((page) => shows(page, after)));
  assert.equal(await streams(), 1);
  holds('when the tab that holds it is closed, another takes over and nothing is lost');

  // A browser tells a page that is hidden; here the page is told the same.
  const hide = (state) => Promise.all(tabs.map((page) => page.evaluate((to) => {
    Object.defineProperty(document, 'visibilityState', { value: to, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  }, state)));
  await hide('hidden');
  await until('no stream', async () => (await streams()) === 0);
  const unseen = await tell();
  await hide('visible');
  await Promise.all(tabs.map((page) => shows(page, unseen)));
  await until('a stream again', async () => (await streams()) === 1);
  holds('hidden tabs hold nothing, and have everything when they are seen again');

  expected.push('net::ERR_FAILED');
  const [last, ...rest] = tabs;
  for (const page of rest) await page.close();
  await last.route('**/events?**', (route) => (route.request().headers().accept === 'text/event-stream' ? route.abort() : route.continue()));
  await hideOne(last);
  const polled = await tell();
  await shows(last, polled);
  const kept = last.waitForResponse((answer) => answer.status() === 304);
  await kept;
  assert.equal(await streams(), 0);
  holds('without a stream it asks again, and is told that nothing is new');
});

/** Hidden for a moment: its stream ends, and it begins anew. */
async function hideOne(page) {
  for (const state of ['hidden', 'visible']) {
    await page.evaluate((to) => {
      Object.defineProperty(document, 'visibilityState', { value: to, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    }, state);
  }
}
