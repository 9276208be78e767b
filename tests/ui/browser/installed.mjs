// A failed Job, as somebody sees it who has just installed the chart: with the token of a ServiceAccount.

import assert from 'node:assert/strict';

import { context, expected, faults, holds, kept, run, tab } from './browser.mjs';

const { RUN, VIEWER, OTHER } = process.env;

expected.push('401', '404');

async function enter(page, token) {
  await page.getByText('This server asks for a token').waitFor();
  await page.locator('#token').fill(token);
  await page.keyboard.press('Enter');
}

await run(async () => {
  const page = await tab(`${RUN}?lang=en&theme=light`);
  await enter(page, VIEWER);
  await page.getByRole('heading', { name: 'nightly' }).waitFor();
  await page.locator('.phase.large.Failed').waitFor();
  await page.locator('tr.row', { hasText: 'BackoffLimitExceeded' }).first().waitFor();
  assert.ok(await page.locator('.line .bar.Failed').count() > 0);
  assert.deepEqual(await faults(page), []);
  await kept(page, 'installed');
  holds('who may view the namespace sees that the Job has failed, and why');

  // A token is kept in its tab.
  const other = await context.newPage();
  await other.goto(page.url());
  await enter(other, OTHER);
  await other.getByText('This execution was not found').waitFor();
  holds('who may view another namespace is told that there is nothing');
});
