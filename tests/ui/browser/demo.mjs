// The demo's three executions, as somebody sees them who is on call.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

import { base, context, expected, faults, holds, json, picture, run, tab, until } from './browser.mjs';

const LANGUAGES = ['zh', 'en', 'both'];
const THEMES = ['light', 'dark'];

async function executions() {
  const { executions: found } = await json('/v1/executions');
  return Object.fromEntries(found.map(({ execution }) => [execution.name, execution]));
}

expected.push('/v1/executions/nobody');

await run(async () => {
  await until('the failed execution has failed', async () => (await executions()).training?.status === 'Failed');
  const { training, report, ingestion } = await executions();

  const page = await tab('/?lang=en&theme=light');
  const failed = page.locator('tr.run', { hasText: 'training' });
  await failed.locator('.phase.Failed').waitFor();
  assert.match(await failed.innerText(), /train\s+BackOff\s+×12[^]*Back-off restarting failed container main in pod train-0/);
  assert.match(await failed.innerText(), /14 warnings/);
  assert.match(await page.locator('tr.run', { hasText: 'report' }).innerText(), /Succeeded/);
  assert.match(await page.locator('tr.run', { hasText: 'ingestion' }).innerText(), /Running/);
  holds('the list says which execution failed, and why');

  await page.locator('#filter-warn').check();
  await until('only those with warnings', async () => (await page.locator('tr.run').count()) === 1);
  assert.match(page.url(), /warn=1/);
  await page.reload();
  await page.locator('tr.run').first().waitFor();
  assert.equal(await page.locator('tr.run').count(), 1);
  await page.locator('#filter-warn').uncheck();
  await page.locator('#filter-q').fill('ingest');
  await until('only the one of that name', async () => (await page.locator('tr.run').allInnerTexts()).join().includes('ingestion') && (await page.locator('tr.run').count()) === 1);
  await page.locator('#filter-q').fill('');
  await page.locator('#filter-status').selectOption('Succeeded');
  await until('only what succeeded', async () => /report/.test(await page.locator('tr.run').first().innerText()) && (await page.locator('tr.run').count()) === 1);
  await page.locator('#filter-status').selectOption('');
  await page.locator('#filter-range').selectOption('custom');
  await page.locator('#filter-until').fill('2020-01-01T00:00:00');
  await page.locator('#filter-until').blur();
  await page.getByText('No executions fit these filters').waitFor();
  assert.match(page.url(), /until=2020-01-01T00%3A00%3A00Z/);
  await page.getByRole('button', { name: 'Clear' }).click();
  await failed.waitFor();
  holds('filters are in the address: warnings, name, status, time');

  await page.evaluate(() => { globalThis.stays = true; });
  await page.getByRole('link', { name: 'training' }).click();
  await page.getByRole('heading', { name: 'training' }).waitFor();
  assert.equal(await page.evaluate(() => globalThis.stays), true);
  const line = page.locator('.line[data-element=train]');
  const bar = await line.locator('.bar.Failed').evaluate((node) => {
    const [red, green, blue] = getComputedStyle(node).backgroundColor.match(/\d+/g).map(Number);
    return { red, green, blue, width: node.getBoundingClientRect().width };
  });
  assert.ok(bar.red > 2 * bar.green && bar.red > 2 * bar.blue && bar.width > 40, JSON.stringify(bar));
  assert.equal(await line.locator('.badge.warn').innerText(), '×12 BackOff');
  assert.match(await line.textContent(), /^train, Failed, .*, 13 warnings/);
  assert.match(await page.locator('.why').innerText(), /train[^]*BackOff[^]*×12/);
  assert.match(await page.locator('.facts').innerText(), /2, 1 failed/);
  holds('the failed run shows its red bar, its badge, and what went wrong');

  for (const [lang, said, not] of [['zh', '回退等待', 'Back-off restarting'], ['en', 'BackOff', '回退等待']]) {
    await page.locator(`#lang-${lang}`).click();
    const row = page.locator('tr.row', { hasText: '×12' });
    await until(`the row in ${lang}`, async () => (await row.innerText()).includes(said));
    assert.ok(!(await page.locator('#content').innerText()).includes(not), lang);
    assert.equal(await page.evaluate(() => document.activeElement.id), `lang-${lang}`);
  }
  await page.locator('#lang-both').click();
  assert.match(await page.locator('tr.row', { hasText: '×12' }).innerText(), /回退等待\s+BackOff/);
  assert.equal(await page.evaluate(() => globalThis.stays), true);
  await page.reload();
  await page.locator('tr.row').first().waitFor();
  assert.match(await page.locator('tr.row', { hasText: '×12' }).innerText(), /BackOff/);
  holds('languages change without loading anew');

  await page.goto(`${base}/x/demo/dag/training?lang=en&type=Warning`);
  await page.locator('tr.row').first().waitFor();
  assert.equal(await page.locator('tr.row').count(), 3);
  await page.locator('.lines').focus();
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await until('only the rows of the element', async () => (await page.locator('tr.row').count()) === 2);
  await page.locator('table.events').focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('Enter');
  await page.locator('.detail').getByText('Back-off restarting failed container main in pod train-0').waitFor();
  const there = page.url();
  assert.match(there, /elem=.*&row=|row=.*&elem=/);
  await page.goto('about:blank');
  await page.goto(there);
  await page.locator('.detail').getByText('BackOff').first().waitFor();
  assert.equal(await page.locator('tr.row').count(), 2);
  await page.goto(`${base}/x/id/nobody?lang=en`).catch(() => {});
  await page.getByText('This execution was not found').waitFor();
  holds('links lead to a run by name or id, to an element and to a row; keys work');

  await page.goto(`${base}/x/id/${training.guid}?lang=en`);
  await page.locator('#share').click();
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'CSV' }).click();
  const file = await download;
  const lines = (await (await file.createReadStream()).toArray()).join('').split('\r\n');
  assert.match(file.suggestedFilename(), /^training-.*\.csv$/);
  assert.match(lines[0], /uid,firstTimestamp/);
  assert.equal(lines.length, 10);
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByRole('button', { name: 'curl command' }).click();
  await page.getByText('Copied').waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(copied, new RegExp(`^curl -s '${base}/v1/executions/${training.guid}/events\\?`));
  assert.equal(JSON.parse(execFileSync('sh', ['-c', copied], { encoding: 'utf8' })).length, 8);
  holds('what is copied runs, what is downloaded opens');

  await page.goto(`${base}/x/id/${ingestion.guid}?lang=en&theme=dark`);
  await page.locator('[data-state=live]').waitFor();
  await page.locator('.line[data-element=writer] .bar.Running').waitFor();
  const count = async () => Number((await page.locator('tr.row', { hasText: 'Progress' }).locator('.times').innerText()).slice(1));
  const before = await count();
  await until('a sign of life', async () => (await count()) > before);
  holds('what happens is shown as it happens');

  const words = await page.evaluate(async () => (await import('/ui/words.js')).WORDS);
  const glossary = readFileSync(new URL('../../../docs/glossary.md', import.meta.url), 'utf8');
  const unwanted = [...glossary.matchAll(/^\| [^|]+ \| [^|]+ \| ([^|]+) \|$/gm)].flatMap(([, not]) => not.split('、')).filter((not) => /\p{Script=Han}/u.test(not));
  assert.ok(unwanted.length > 50);
  const params = (text) => (text.match(/\{\w+\}/g) ?? []).sort();
  for (const [key, [zh, en, ...more]] of Object.entries(words)) {
    assert.ok(zh && en && !more.length, key);
    assert.deepEqual(params(zh), params(en), key);
    assert.deepEqual(unwanted.filter((not) => zh.includes(not)), [], key);
  }
  const english = new Set(Object.values(words).filter(([zh, en]) => zh !== en).map(([, en]) => en));
  for (const where of ['/', `/x/id/${training.guid}`]) {
    await page.goto(`${base}${where}?lang=zh`);
    await page.locator('tr.run, tr.row').first().waitFor();
    const said = (await page.locator('body').innerText()).split(/[\n\t]/).map((line) => line.trim());
    assert.deepEqual(said.filter((line) => english.has(line) && line !== 'English'), [], where);
  }
  holds('the words of the page are there in both languages, and those of the glossary');

  const seen = [];
  for (const where of ['/', `/x/id/${training.guid}`, `/x/id/${report.guid}`]) {
    await page.goto(`${base}${where}?theme=light&lang=zh`);
    await page.locator('tr.run, tr.row').first().waitFor();
    if (where.includes(training.guid)) await page.locator('tr.row.warn').first().click();
    for (const theme of THEMES) {
      await page.locator(`#theme-${theme}`).click();
      for (const lang of LANGUAGES) {
        await page.locator(`#lang-${lang}`).click();
        seen.push(...(await faults(page)).map((fault) => `${where} ${theme} ${lang}: ${fault}`));
      }
    }
  }
  assert.deepEqual(seen, []);
  holds('axe finds no serious fault, in any language, light or dark');

  await page.goto(`${base}/x/id/${training.guid}?lang=en&theme=light`);
  await page.locator('tr.row.warn').first().waitFor();
  await picture(page, 'run', 560);
  await page.setViewportSize({ width: 1200, height: 740 });
  await page.goto(`${base}/x/id/${training.guid}?lang=both&theme=dark`);
  await page.locator('tr.row.warn').first().click();
  await picture(page, 'run-dark', 740);
  await page.goto(`${base}/?lang=zh&theme=light`);
  await page.locator('tr.run').first().waitFor();
  await picture(page, 'list', 300);
});
