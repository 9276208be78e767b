// What a timeline shows of a run that was not simple: waits, repeats, what was skipped, what runs, what nobody saw.

import assert from 'node:assert/strict';

import { base, faults, holds, post, run, tab, until } from './browser.mjs';

const begin = Date.now() - 600000;
const at = (seconds) => new Date(begin + seconds * 1000).toISOString();

function event(seconds, elemId, reason, actionName = 'run', more = {}) {
  return { reason, elemId, actionName, elemType: elemId ? 'Argo.Pod' : '', firstTimestamp: at(seconds), ...more };
}

const warning = (message, count, last) => ({ type: 'Warning', message, count, lastTimestamp: at(last) });

const EVENTS = [
  event(0, '', 'Created', 'create'),
  event(2, '', 'ActionStart'),
  event(2, 'fetch', 'Queued', 'queue'),
  event(60, 'fetch', 'ActionStart'),
  event(61, 'fetch', 'FailedScheduling', '', warning('0/3 nodes are available: 3 Insufficient cpu.', 4, 100)),
  event(150, 'fetch', 'SuccessfulFinish'),
  event(150, 'align(0:a.bam)', 'ActionStart'),
  event(150, 'align(1:b.bam)', 'ActionStart'),
  event(260, 'align(1:b.bam)', 'FailedFinish', 'run', { type: 'Warning' }),
  event(150, 'align(1:b.bam)', 'Progress', 'run', { count: 40, lastTimestamp: at(255) }),
  event(300, 'align(0:a.bam)', 'SuccessfulFinish'),
  event(160, 'resume', 'Skipped', 'skip'),
  event(300, 'count', 'ActionStart', 'run', { count: 3, lastTimestamp: at(480) }),
  event(320, 'count', 'BackOff', '', warning('Back-off restarting failed container main in pod count-0', 17, 590)),
  event(340, 'logger', 'Pulled', '', { message: 'Container image "x" already present on machine' }),
  event(380, '', 'Gap', '', { lastTimestamp: at(440) }),
];

const shape = (page, element) => page.locator(`.line[data-element="${element}"]`);

await run(async () => {
  await post('nightly', EVENTS);
  const page = await tab('/x/id/nightly?lang=en&theme=light');
  await page.locator('[data-state=live]').waitFor();
  for (const [element, phase, bars] of [
    ['nightly', 'Running', '.bar.Running'],
    ['fetch', 'Succeeded', '.bar.Succeeded'],
    ['fetch', 'Succeeded', '.wait'],
    ['align(1:b.bam)', 'Failed', '.bar.Failed'],
    ['resume', 'Skipped', '.bar.Skipped'],
    ['count', 'Running', '.bar.Running'],
    ['count', 'Running', '.warned'],
    ['logger', 'Seen', '.seen'],
  ]) {
    assert.equal(await shape(page, element).getAttribute('data-phase'), phase, element);
    assert.equal(await shape(page, element).locator(bars).count(), 1, `${element} ${bars}`);
  }
  const badges = async (element) => (await shape(page, element).locator('.badge').allInnerTexts()).join(' ');
  assert.equal(await badges('fetch'), '×4 FailedScheduling');
  assert.equal(await badges('count'), '×17 BackOff ↻3');
  assert.equal(await badges('align(1:b.bam)'), '×40');
  holds('each state has its own shape, and repeats are counted');

  const [track, gap, bar] = await Promise.all([
    shape(page, 'count').locator('.track'), page.locator('.bands .gap'), shape(page, 'align(0:a.bam)').locator('.bar'),
  ].map((node) => node.boundingBox()));
  const part = (box) => [(box.x - track.x) / track.width, box.width / track.width];
  const [[gapFrom, gapLength], [barFrom, barLength]] = [part(gap), part(bar)];
  const near = (value, wanted) => assert.ok(Math.abs(value - wanted) < 0.03, `${value} is not ${wanted}`);
  near(gapFrom, 380 / 612);
  near(gapLength, 60 / 612);
  near(barFrom, 150 / 612);
  near(barLength, 150 / 612);
  assert.match(await gap ? await page.locator('.bands .gap').innerText() : '', /The history may be incomplete here/);
  holds('bars and gaps stand where their times are');

  await shape(page, 'count').hover();
  assert.match(await page.locator('.tip').innerText(), /count[^]*BackOff\s+×17/);
  assert.deepEqual(await faults(page), []);
  await page.setViewportSize({ width: 640, height: 900 });
  assert.deepEqual(await faults(page), []);
  const wide = await page.evaluate(() => document.scrollingElement.scrollWidth);
  assert.ok(wide <= 640, `${wide} pixels wide`);
  await page.setViewportSize({ width: 1320, height: 780 });
  holds('it says more when it is pointed at, and fits narrow screens');

  await page.locator('#pause').click();
  await post('nightly', [event(595, 'late', 'ActionStart')]);
  await page.getByText('1 newer').waitFor();
  assert.equal(await shape(page, 'late').count(), 0);
  await page.locator('#pause').click();
  await shape(page, 'late').waitFor();
  holds('who pauses is told how much is newer');

  await post('nightly', [event(598, '', 'FailedFinish', 'run', { type: 'Warning' })]);
  await page.locator('.name-line .phase.Failed').waitFor();
  await shape(page, 'count').locator('.bar.Unended').waitFor();
  assert.match(await page.locator('.why li').first().innerText(), /BackOff/);
  await until('the stream has ended', async () => (await page.locator('[data-state=over]').count()) === 1);
  assert.match(await (await fetch(`${base}/metrics`)).text(), /^dagtrail_streams 0/m);
  holds('when it ends, that is seen, and the stream with it');
});
