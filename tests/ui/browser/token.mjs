// A server that lets in only who is known.

import assert from 'node:assert/strict';

import { base, context, expected, faults, holds, post, run, tab, until } from './browser.mjs';

expected.push('401', '404');

async function enter(page, token) {
  await page.locator('#token').fill(token);
  await page.keyboard.press('Enter');
}

await run(async () => {
  const event = (elemId) => [{ reason: 'ActionStart', elemId, actionName: 'run', firstTimestamp: new Date().toISOString() }];
  await post('ours', event('a'), { authorization: 'Bearer team' });
  await post('theirs', event('a'), { authorization: 'Bearer all' });

  const page = await tab('/x/id/ours?lang=en');
  await page.getByText('This server asks for a token').waitFor();
  assert.deepEqual(await faults(page), []);
  await enter(page, 'wrong');
  await page.getByText('This token is not known').waitFor();
  await enter(page, 'team');
  await page.locator('tr.row').first().waitFor();
  await page.locator('[data-state=live]').waitFor();
  await post('ours', event('b'), { authorization: 'Bearer team' });
  await page.locator('tr.row', { hasText: 'Element(b)' }).waitFor();
  holds('it is asked for, a wrong one is told, and streams carry it');

  const kept = await page.evaluate(() => [sessionStorage.getItem('dagtrail.token'), JSON.stringify(localStorage), document.cookie, location.href]);
  assert.equal(kept[0], 'team');
  assert.ok(!kept.slice(1).join().includes('team'), kept.join());
  await page.reload();
  await page.locator('tr.row').first().waitFor();
  const other = await tab('/');
  await other.getByText('This server asks for a token').waitFor();
  await enter(other, 'all');
  await other.locator('tr.run', { hasText: 'theirs' }).waitFor();
  holds('it is kept in its tab only');

  await page.goto(`${base}/x/id/theirs?lang=en`);
  await page.getByText('This execution was not found').waitFor();
  holds('what may not be read is not there');

  await page.goto(`${base}/x/id/ours?lang=en`);
  await page.locator('tr.row').first().waitFor();
  await page.locator('#share').click();
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByRole('button', { name: 'curl command' }).click();
  await page.getByText('Copied').waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.ok(copied.includes('$DAGTRAIL_TOKEN') && !copied.includes('Bearer team'), copied);
  await page.locator('#forget').click();
  await page.getByText('This server asks for a token').waitFor();
  assert.equal(await page.evaluate(() => sessionStorage.getItem('dagtrail.token')), null);
  await until('streams end', async () => /^dagtrail_streams 0/m.test(await (await fetch(`${base}/metrics`)).text()));
  holds('it is never copied, and can be forgotten');
});
