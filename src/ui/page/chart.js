// The timeline: a line for each element, its bars from start to finish, and what happened meanwhile.

import { fill, h, icon, placed } from './dom.js';
import { phaseIcon, saidText, times } from './pieces.js';
import { clock, day, full, lasted, ticks } from './time.js';
import { Window } from './window.js';
import { t } from './words.js';

const HEIGHT = 30;
/** Where a badge no longer fits behind its bar. */
const CROWDED = 82;
/** Behind this, a time would not fit. */
const LAST_TICK = 95;

export class Chart {
  /** `pick(key)` is told which element was chosen. */
  constructor(pick) {
    this.pick = pick;
    Object.assign(this, { all: [], chosen: null, current: -1, lines: new Map() });
    this.axis = h('div', { class: 'axis', 'aria-hidden': 'true' });
    this.bands = h('div', { class: 'bands', 'aria-hidden': 'true' });
    this.list = h('div', {
      class: 'lines', role: 'listbox', tabindex: 0, 'aria-label': t('timeline'), 'aria-describedby': 'chart-keys',
      keydown: (event) => this.key(event),
      // By place, since lines are drawn anew while things run, perhaps between press and release.
      click: (event) => this.click(event),
      pointerleave: () => this.explain(null),
      focus: () => this.point(Math.max(this.current, 0)),
      blur: () => this.point(-1),
    });
    this.tip = h('div', { class: 'tip', hidden: true, 'aria-hidden': 'true' });
    this.scroller = h('div', { class: 'scroller' }, this.bands, this.list);
    this.node = h('div', { class: 'chart' }, h('span', { id: 'chart-keys', class: 'unseen' }, t('keys')), this.axis, this.scroller, this.tip);
    this.window = new Window(this.scroller, HEIGHT, (from, to) => this.paint(from, to));
  }

  stop() {
    this.window.stop();
  }

  /** Shows elements between two times; gaps go through all of them. */
  show(all, extent, gaps, chosen, now) {
    Object.assign(this, { all, extent, chosen, now });
    this.scale();
    fill(this.bands, gaps.map((row) => this.span(h('span', { class: `gap${this.at(row.first) > 50 ? ' late' : ''}`, title: saidText(row.message) }, h('span', null, icon('gap'), t('gap'))), row.first, row.last)));
    placed(this.bands, { height: `${all.length * HEIGHT}px` });
    placed(this.list, { height: `${all.length * HEIGHT}px` });
    this.window.set(all.length);
  }

  at(ms) {
    const { from, to } = this.extent;
    return Math.min(100, Math.max(0, ((ms - from) / (to - from)) * 100));
  }

  span(node, from, to) {
    const left = this.at(from);
    return placed(node, { left: `${left}%`, width: `${Math.max(0, this.at(to) - left)}%` });
  }

  scale() {
    const most = Math.max(2, Math.floor((this.axis.clientWidth || 400) / 84));
    const { found, days } = ticks(this.extent.from, this.extent.to, most);
    const [from, to] = [this.extent.from, this.extent.to].map(day);
    const label = (ms) => (days ? day(ms).slice(5) : clock(ms));
    const track = h('div', { class: 'track' }, found.filter((ms) => this.at(ms) < LAST_TICK).map((ms) => placed(h('span', { class: 'tick' }, label(ms)), { left: `${this.at(ms)}%` })));
    fill(this.axis, h('span', { class: 'date' }, from === to ? from : `${from} – ${to.slice(5)}`), track);
    this.marks = found;
  }

  paint(from, to) {
    fill(this.list, this.all.slice(from, to).map((element, at) => this.line(element, from + at)));
    this.point(document.activeElement === this.list ? this.current : -1, true);
  }

  line(element, index) {
    const isChosen = element.key === this.chosen;
    const track = h('div', { class: 'track' }, this.marks.map((ms) => placed(h('span', { class: 'rule' }), { left: `${this.at(ms)}%` })));
    if (element.wait) track.append(this.span(h('span', { class: 'wait' }), element.wait.from, element.wait.to ?? this.now));
    if (!element.bars.length && !element.wait) track.append(this.span(h('span', { class: 'seen' }), element.first, element.last));
    for (const bar of element.bars) {
      const to = bar.to ?? (bar.phase === 'Running' ? this.now : this.extent.to);
      track.append(this.span(h('span', { class: `bar ${bar.phase}` }), bar.from, to));
    }
    for (const row of element.marks) {
      if (row.warning) track.append(this.span(h('span', { class: 'warned' }), row.first, row.last));
      else track.append(placed(h('span', { class: 'dot' }), { left: `${this.at(row.last)}%` }));
    }
    const badges = this.badges(element);
    if (badges) track.append(badges);
    const line = h('div', {
      class: `line${isChosen ? ' chosen' : ''}${element.key ? '' : ' own'}`, role: 'option', id: `line-${index}`,
      'aria-selected': String(isChosen), 'aria-setsize': this.all.length, 'aria-posinset': index + 1,
      'data-element': element.id, 'data-phase': element.phase,
      pointerenter: (event) => this.explain(element, event.currentTarget),
    }, h('span', { class: 'label' }, phaseIcon(element.phase), h('bdi', { class: 'name' }, element.id), h('span', { class: 'unseen' }, this.spoken(element))), track);
    return placed(line, { top: `${index * HEIGHT}px` });
  }

  click(event) {
    const index = Math.floor((event.clientY - this.list.getBoundingClientRect().top) / HEIGHT);
    if (!this.all[index]) return;
    this.current = index;
    this.pick(this.all[index].key);
  }

  /** How often what was repeated: the most repeated warning, and the most repeated other row. */
  badges(element) {
    const most = (rows) => rows.reduce((a, b) => (b.count > (a?.count ?? 1) ? b : a), null);
    const warned = most(element.marks.filter((row) => row.warning));
    const other = most(element.marks.filter((row) => !row.warning));
    const tries = Math.max(...element.bars.map((bar) => bar.tries), 0);
    const shown = [
      warned && h('span', { class: 'badge warn' }, `×${warned.count} `, h('bdi', null, warned.code)),
      tries > 1 && h('span', { class: 'badge' }, `↻${tries}`),
      other && !warned && times(other.count, 'badge'),
    ].filter(Boolean);
    if (!shown.length) return null;
    const ends = [...element.bars.map((bar) => bar.to ?? this.now), element.last];
    const at = this.at(Math.max(...ends));
    const begins = this.at(element.first);
    const node = h('span', { class: 'badges' }, shown);
    if (at < CROWDED - 12) return placed(node, { left: `calc(${at}% + 6px)` });
    if (begins > 40) return placed(node, { right: `calc(${100 - begins}% + 6px)` });
    node.classList.add('inside');
    return placed(node, { right: `calc(${100 - at}% + 4px)` });
  }

  /** What the picture shows, in words. */
  spoken(element) {
    const warned = element.warnings ? t('warningsCount', { count: element.warnings }) : '';
    return ['', t(element.phase), this.when(element), warned].filter((part, at) => part || !at).join(', ');
  }

  when(element) {
    const [from, to] = [element.first, element.last];
    if (element.phase === 'Running') return t('since', { from: full(from), duration: lasted(this.now - from) });
    return t('at', { from: full(from), to: full(to), duration: lasted(to - from) });
  }

  explain(element, line) {
    this.tip.hidden = !element;
    if (!element) return;
    const bars = element.bars.map((bar) =>
      h('div', { class: 'fact' }, phaseIcon(bar.phase), h('bdi', null, bar.action || element.id), h('span', null,
        `${clock(bar.from)} – ${bar.to === null ? '…' : clock(bar.to)}  ${lasted((bar.to ?? this.now) - bar.from)}`)));
    const rows = element.marks.slice(-6).map((row) =>
      h('div', { class: 'fact' }, icon(row.warning ? 'warn' : 'note', row.warning ? 'warn' : ''), h('bdi', null, row.code), times(row.count), h('span', null, clock(row.last))));
    fill(this.tip, h('b', null, h('bdi', null, element.id)), h('div', { class: 'muted' }, element.type), bars, rows);
    const [mine, theirs] = [this.node.getBoundingClientRect(), line.getBoundingClientRect()];
    const below = theirs.bottom - mine.top + 4;
    const fits = below + this.tip.offsetHeight < mine.height;
    placed(this.tip, { top: `${fits ? below : Math.max(0, theirs.top - mine.top - this.tip.offsetHeight - 4)}px` });
  }

  point(index, painted = false) {
    if (index >= 0) this.current = Math.min(index, this.all.length - 1);
    if (index >= 0 && !painted) this.window.reveal(this.current);
    for (const line of this.list.children) line.classList.toggle('current', index >= 0 && line.id === `line-${this.current}`);
    if (index >= 0 && this.all.length) this.list.setAttribute('aria-activedescendant', `line-${this.current}`);
    else this.list.removeAttribute('aria-activedescendant');
  }

  key(event) {
    const last = this.all.length - 1;
    const moves = { ArrowDown: this.current + 1, ArrowUp: this.current - 1, Home: 0, End: last, PageDown: this.current + 10, PageUp: this.current - 10 };
    if (event.key in moves) this.point(Math.min(last, Math.max(0, moves[event.key])));
    else if ((event.key === 'Enter' || event.key === ' ') && this.all[this.current]) this.pick(this.all[this.current].key);
    else if (event.key === 'Escape') this.pick(null);
    else return;
    event.preventDefault();
  }
}
