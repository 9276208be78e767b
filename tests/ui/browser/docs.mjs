// The page of the API, against the description that it is made of.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';

import { base, context, faults, holds, json, run, tab } from './browser.mjs';

await run(async () => {
  const api = await json('/openapi.json');
  const described = Object.entries(api.paths).flatMap(([path, item]) => Object.keys(item).map((method) => `${method} ${path}`));
  const page = await tab('/docs?theme=light');
  await page.locator('section.operation').first().waitFor();
  const shown = await page.locator('section.operation').evaluateAll((nodes) => nodes.map(({ dataset }) => `${dataset.method} ${dataset.path}`));
  assert.deepEqual(shown.toSorted(), described.toSorted());
  const linked = await page.locator('nav.contents a').evaluateAll((nodes) => nodes.map((node) => node.hash.slice(1)));
  assert.equal(linked.length, described.length);
  for (const id of linked) assert.equal(await page.locator(`section#${id}`).count(), 1, id);
  holds(`all ${described.length} operations are there, and in the contents`);

  for (const [path, item] of Object.entries(api.paths)) {
    for (const operation of Object.values(item)) {
      const section = page.locator(`section#${operation.operationId}`);
      const names = await section.locator('ul.fields > li > .name').allInnerTexts();
      for (const { name } of operation.parameters ?? []) assert.ok(names.includes(name), `${path} ${name}`);
      const statuses = await section.locator('.status').allInnerTexts();
      assert.deepEqual(statuses, Object.keys(operation.responses), path);
      assert.match(await section.locator('.example pre').first().innerText(), /^curl -s/, path);
    }
  }
  holds('each with its parameters, its answers and a call');

  const posting = page.locator('section#postEvents');
  await posting.locator('details').first().locator('summary').click();
  for (const key of ['reason', 'firstTimestamp', 'involvedObject', 'payload']) {
    await posting.locator('details').first().locator('.name', { hasText: key }).first().waitFor();
  }
  const listing = JSON.parse(await page.locator('section#getEvents .example pre').last().innerText());
  assert.equal(listing[0].reason, '执行成功##SuccessfulFinish');
  holds('shapes are told field by field, and by example');

  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  for (const id of ['postEvents', 'getEvents']) {
    await page.locator(`section#${id}`).getByRole('button', { name: 'Copy as curl' }).first().click();
    await page.locator(`section#${id}`).getByText('Copied').waitFor();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    const answer = JSON.parse(execFileSync('sh', ['-c', copied], { encoding: 'utf8' }));
    if (id === 'postEvents') assert.equal(answer.created, 1, copied);
    else assert.equal(answer[0].reason, '启动##ActionStart');
  }
  holds('a call is copied, and a shell understands it');

  for (const theme of ['Light', 'Dark']) {
    await page.getByRole('button', { name: theme }).click();
    await page.locator(`html[data-theme=${theme.toLowerCase()}]`).waitFor();
    for (const details of await page.locator('details').all()) await details.evaluate((node) => { node.open = true; });
    assert.deepEqual(await faults(page), [], theme);
  }
  const policy = (await fetch(`${base}/docs`)).headers.get('content-security-policy');
  assert.match(policy, /default-src 'none'; script-src 'self'; style-src 'self'/);
  assert.equal(await page.locator('script:not([src]), style, [style]').count(), 0);
  holds('axe finds no serious fault in either theme, and nothing is inline');
});
