// The rows of a history as a table of which only what is seen is in the document.

import { fill, h, icon, placed } from './dom.js';
import { said, saidText, times } from './pieces.js';
import { settings } from './settings.js';
import { clock, coarse, day, full } from './time.js';
import { Window } from './window.js';
import { brief, t } from './words.js';

const HEIGHT = 30;
/** Chinese over English. */
const HEIGHT_BOTH = 46;
const HEAD = 30;
const COLUMNS = ['time', 'element', 'reason', 'count', 'message', 'action', 'source'];

export class Table {
  /** `open(uid)` is told which row was chosen. */
  constructor(open) {
    this.open = open;
    Object.assign(this, { rows: [], chosen: null, current: -1, painted: new Map() });
    const head = h('thead', null, h('tr', { 'aria-rowindex': 1 }, COLUMNS.map((name) => h('th', { scope: 'col', class: name }, t(name)))));
    this.body = h('tbody', null);
    this.table = h('table', {
      role: 'grid', tabindex: 0, 'aria-label': t('events'), 'aria-colcount': COLUMNS.length, class: 'events',
      keydown: (event) => this.key(event),
      focus: () => this.point(Math.max(this.current, 0), true),
      blur: () => this.point(-1),
    }, head, this.body);
    this.scroller = h('div', { class: 'scroller' }, this.table);
    this.node = this.scroller;
    this.window = new Window(this.scroller, HEIGHT, (from, to, height) => this.paint(from, to, height));
  }

  stop() {
    this.window.stop();
  }

  show(rows, chosen, { follow = false } = {}) {
    const stay = follow && this.window.isAtEnd;
    const was = this.chosen;
    Object.assign(this, { rows, chosen });
    if (chosen !== was) this.current = rows.findIndex((row) => row.uid === chosen);
    this.days = rows.length > 0 && day(rows[0].first) !== day(rows.at(-1).last);
    this.table.classList.toggle('days', this.days);
    this.table.setAttribute('aria-rowcount', rows.length + 1);
    this.window.set(rows.length, settings.lang === 'both' ? HEIGHT_BOTH : HEIGHT);
    if (stay) this.toEnd();
  }

  toEnd() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.window.look();
  }

  /** Brings a row into view. */
  reveal(uid) {
    const index = this.rows.findIndex((row) => row.uid === uid);
    if (index < 0) return;
    this.current = index;
    this.window.reveal(index, HEAD);
  }

  paint(from, to, height) {
    const space = (count) => count > 0 && h('tr', { class: 'space', 'aria-hidden': 'true' }, placed(h('td', { colspan: COLUMNS.length }), { height: `${count * height}px` }));
    // What is already there stays: somebody may be about to click on it.
    const painted = new Map();
    const lines = [];
    for (let index = from; index < to; index += 1) {
      const row = this.rows[index];
      const key = `${row.uid} ${height} ${settings.lang} ${settings.tz} ${this.days}`;
      const before = this.painted.get(key);
      const line = before?.row === row ? before.line : this.line(row);
      line.setAttribute('aria-rowindex', index + 2);
      line.id = `row-${index}`;
      line.classList.toggle('chosen', row.uid === this.chosen);
      line.setAttribute('aria-selected', String(row.uid === this.chosen));
      painted.set(key, { row, line });
      lines.push(line);
    }
    this.painted = painted;
    fill(this.body, space(from), lines, space(this.rows.length - to));
    this.body.classList.toggle('both', height === HEIGHT_BOTH);
    this.point(document.activeElement === this.table ? this.current : -1, true);
  }

  line(row) {
    const kind = row.gap ? 'gap' : row.warning ? 'warn' : 'normal';
    const time = h('time', { datetime: row.raw.firstTimestamp, title: `${full(row.first)} – ${full(row.last)}` },
      this.days ? `${day(row.first).slice(5)} ${clock(row.first)}` : clock(row.first));
    const more = row.last > row.first && h('span', { class: 'muted small more' }, `+${coarse(row.last - row.first)}`);
    const picture = [icon(row.gap ? 'gap' : row.warning ? 'warn' : 'note', kind), h('span', { class: 'unseen' }, row.warning ? t('Warning') : t('Normal'))];
    return h('tr', { class: `row ${kind}`, click: () => this.open(row.uid) },
      h('td', { class: 'time' }, picture, time, more),
      h('td', { class: 'element', title: row.elemId }, row.elemId ? h('bdi', null, row.elemId) : h('span', { class: 'muted' }, brief('self'))),
      h('td', { class: 'reason', title: row.code }, said(row.reason)),
      h('td', { class: 'count' }, times(row.count, row.warning ? 'warn' : ''), row.raw.countLowerBound && h('span', { title: t('atLeast') }, '+')),
      h('td', { class: 'message', title: saidText(row.message) }, said(row.message)),
      h('td', { class: 'action' }, h('bdi', null, row.action)),
      h('td', { class: 'source' }, h('bdi', null, row.raw.reporter)));
  }

  point(index, painted = false) {
    if (index >= 0) this.current = Math.min(index, this.rows.length - 1);
    if (index >= 0 && !painted) this.window.reveal(this.current, HEAD);
    for (const line of this.body.children) line.classList.toggle('current', index >= 0 && line.id === `row-${this.current}`);
    if (index >= 0 && this.rows.length) this.table.setAttribute('aria-activedescendant', `row-${this.current}`);
    else this.table.removeAttribute('aria-activedescendant');
  }

  key(event) {
    const last = this.rows.length - 1;
    const page = Math.max(1, Math.floor(this.scroller.clientHeight / this.window.height) - 2);
    const moves = { ArrowDown: this.current + 1, ArrowUp: this.current - 1, Home: 0, End: last, PageDown: this.current + page, PageUp: this.current - page };
    if (event.key in moves) this.point(Math.min(last, Math.max(0, moves[event.key])));
    else if ((event.key === 'Enter' || event.key === ' ') && this.rows[this.current]) this.open(this.rows[this.current].uid);
    else if (event.key === 'Escape') this.open(null);
    else return;
    event.preventDefault();
  }
}
