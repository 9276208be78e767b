// The page of one execution.

import * as api from './api.js';
import { Chart } from './chart.js';
import { detail } from './detail.js';
import { fill, h, icon } from './dom.js';
import { causes, elements, endOf, extent, isBad, isEnd, isTerminal, keyer } from './elements.js';
import { Live, isFinal, reaches } from './live.js';
import { Announcer, phase, said, times } from './pieces.js';
import { menu } from './share.js';
import { Table } from './table.js';
import { clock, full, lasted } from './time.js';
import { Trail, passing } from './trail.js';
import { brief, t } from './words.js';

/** What changes faster than this is shown together. */
const GATHER = 200;
/** The most rows that are held back while somebody reads. */
const CAUSES = 3;

export class RunPage {
  constructor(where, { refused }) {
    Object.assign(this, { where, refused, trail: new Trail(), announcer: new Announcer(), state: 'connecting', held: 0, paused: false, fresh: 0 });
    this.node = h('main', { id: 'content', class: 'run', tabindex: -1 }, h('p', { class: 'card muted' }, t('loading')));
    const asked = new URLSearchParams(location.search);
    this.filters = { warnings: asked.get('type')?.toLowerCase() === 'warning', text: asked.get('q') ?? '', element: asked.get('elem') };
    this.row = asked.get('row');
  }

  async open() {
    this.run = await api.run(this.where);
    this.keyOf = keyer(this.run);
    const first = await api.history(this.run.id);
    this.take(first);
    document.title = `${this.run.name} · dagtrail`;
    this.build();
    if (this.row) this.table.reveal(this.row);
    else if (isTerminal(this.run.phase) === false) this.table.toEnd();
    this.live = new Live(this.run.id, first.position, {
      row: (raw) => this.told(raw),
      reload: () => this.reload(),
      check: (signal) => this.check(signal),
      done: () => this.look(),
      state: (name) => this.say(name),
      refused: (error) => this.no(error),
    });
    await this.live.start();
    this.clock = setInterval(() => !isTerminal(this.run.phase) && document.visibilityState === 'visible' && this.drawTime(), 1000);
  }

  close() {
    this.closed = true;
    this.live?.stop();
    this.chart?.stop();
    this.table?.stop();
    clearInterval(this.clock);
    clearTimeout(this.gathering);
  }

  no(error) {
    this.live?.stop();
    if (error.status === 404) error.message = t('gone');
    this.refused(error);
  }

  take({ rows, etag, position }) {
    this.trail.replace(rows);
    this.etag = etag;
    this.live?.at(position);
  }

  /** Everything anew. */
  async reload() {
    this.take(await api.history(this.run.id));
    await this.look();
  }

  /** Asks whether anything is new. */
  async check(signal) {
    const found = await api.history(this.run.id, this.etag, signal);
    if (!found) return;
    // A stream may have told of more meanwhile; then the next look has it, too.
    if (reaches(found.position, this.live.position) === false) return;
    this.take(found);
    await this.look();
  }

  /** Reads how the execution itself stands. */
  async look() {
    try {
      this.run = await api.run({ id: this.run.id });
    } catch (error) {
      if (isFinal(error)) this.no(error);
      return;
    }
    if (!isTerminal(this.run.phase)) this.live.revive();
    this.later();
  }

  told(raw) {
    const isNew = this.trail.apply(raw);
    this.etag = null;
    if (isNew) this.fresh += 1;
    if (this.paused) this.held += 1;
    // Only what is about the execution itself moves its phase.
    if (this.keyOf(this.trail.get(raw.uid)) === '') this.isMoved = true;
    this.later();
  }

  /** Draws soon, with whatever else comes until then. */
  later() {
    this.gathering ??= setTimeout(() => {
      this.gathering = null;
      if (this.closed) return;
      if (this.fresh) this.announcer.say(t('announced', { count: this.fresh }));
      this.fresh = 0;
      if (this.isMoved) {
        this.isMoved = false;
        this.look();
      }
      if (this.paused) this.drawState();
      else this.draw();
    }, GATHER);
  }

  say(name) {
    if (name === this.state) return;
    this.state = name;
    this.drawState();
  }

  /** The parts that stay; again when language, colours or time zone change. */
  build() {
    const seen = this.table?.window.first ?? 0;
    this.chart?.stop();
    this.table?.stop();
    this.whyKey = this.detailKey = null;
    this.head = h('header', { class: 'head' });
    this.why = h('section', { class: 'why', hidden: true, 'aria-label': t('why') });
    this.chart = new Chart((key) => this.pick(key));
    this.table = new Table((uid) => this.show(uid));
    this.stateNode = h('span', { class: 'state' });
    this.panel = h('div', { class: 'panel' });
    this.empty = h('p', { class: 'empty muted', hidden: true });
    this.shown = h('span', { class: 'muted small' });
    this.chip = h('span', null);
    this.share = menu(() => ({ run: this.run, filters: { ...this.filters, elemId: this.chosenElement?.id } }));
    const search = h('input', { type: 'search', id: 'find', placeholder: t('search'), 'aria-label': t('searchLabel'), input: (event) => this.filter({ text: event.target.value }) });
    search.value = this.filters.text;
    const warnings = h('input', { type: 'checkbox', id: 'warnings', change: (event) => this.filter({ warnings: event.target.checked }) });
    warnings.checked = this.filters.warnings;
    fill(this.node, this.head, this.why,
      h('div', { class: 'split' },
        h('section', { class: 'pane timeline', 'aria-label': t('timeline') }, h('div', { class: 'bar-top' }, h('h2', null, t('timeline')), this.stateNode), this.chart.node),
        h('section', { class: 'pane table', 'aria-label': t('events') },
          h('div', { class: 'bar-top' }, h('h2', null, t('events')), this.shown, h('span', { class: 'grow' }),
            this.chip, h('label', { class: 'check' }, warnings, t('warningsOnly')), search),
          this.table.node, this.empty, this.panel)),
      this.announcer.node);
    this.draw();
    this.drawState();
    this.table.window.first = seen;
  }

  draw() {
    const rows = this.trail.rows;
    this.all = elements(rows, this.run);
    this.chosenElement = this.all.find((element) => element.key === this.filters.element) ?? null;
    if (this.filters.element !== null && !this.chosenElement) {
      // A link may name an element shortly.
      this.chosenElement = this.all.find((element) => element.id === this.filters.element) ?? null;
      if (this.chosenElement) this.filters.element = this.chosenElement.key;
    }
    const passed = passing(rows, this.filters, this.keyOf);
    this.table.show(passed, this.row, { follow: !isTerminal(this.run.phase) && !this.row });
    fill(this.shown, brief('shownRows', { shown: passed.length, total: rows.length }));
    this.empty.hidden = passed.length > 0;
    fill(this.empty, rows.length ? t('noEvents') : t('noRows'));
    this.drawChip();
    this.drawTime();
    this.drawWhy();
    this.drawDetail();
  }

  /** What moves with the clock. */
  drawTime() {
    const rows = this.trail.rows;
    const now = Date.now();
    this.chart.show(this.all, extent(rows, this.run, now), rows.filter((row) => row.gap), this.filters.element, now);
    this.drawHead(now);
  }

  drawHead(now) {
    const { run, all } = this;
    const rows = this.trail.rows;
    const own = all.find((element) => element.key === '');
    const end = endOf(own, run, rows);
    const began = rows.length ? Math.min(run.started || Infinity, rows[0].first) : run.started;
    const parts = all.filter((element) => element.key !== '');
    const failed = parts.filter((element) => isBad(element.phase)).length;
    const warnings = all.reduce((sum, element) => sum + element.warnings, 0);
    const count = rows.reduce((sum, row) => sum + row.count, 0);
    const fact = (word, value, extra) => h('div', { class: `fact ${extra ?? ''}` }, h('dt', null, t(word)), h('dd', null, value));
    if (!this.headTop) this.headTop = h('div', { class: 'title' });
    fill(this.headTop,
      h('nav', { class: 'crumbs', 'aria-label': t('executions') }, h('a', { href: '/' }, t('executions')), ' / ', h('a', { href: `/?ns=${encodeURIComponent(run.namespace)}` }, h('bdi', null, run.namespace)), run.engine && [' / ', h('span', null, h('bdi', null, run.engine))]),
      h('div', { class: 'name-line' }, phase(this.phaseNow(own), 'large'), h('h1', null, h('bdi', null, run.name))));
    const facts = h('dl', { class: 'facts' },
      fact('duration', lasted((end ?? now) - began), 'strong'),
      fact('started', h('time', { datetime: new Date(began).toISOString() }, full(began))),
      end !== null && fact('ended', full(end)),
      fact('elements', failed ? brief('failedOf', { total: parts.length, failed }) : parts.length, failed ? 'bad' : ''),
      fact('events', brief('occurrences', { rows: rows.length, count })),
      fact('warnings', warnings, warnings ? 'warn' : ''));
    // The menu stays, it may be open.
    if (this.share.parentNode === this.head) this.head.replaceChild(facts, this.head.children[1]);
    else fill(this.head, this.headTop, facts, this.share);
  }

  /** The list of executions calls an engine's fault a failure; its own row tells the two apart. */
  phaseNow(own) {
    return this.run.phase === 'Failed' && own?.phase === 'Error' ? 'Error' : this.run.phase;
  }

  drawWhy() {
    const found = isBad(this.run.phase) ? causes(this.all, CAUSES) : [];
    this.why.hidden = !found.length;
    const key = `${this.trail.version} ${this.run.phase}`;
    if (key === this.whyKey && this.why.firstChild) return;
    this.whyKey = key;
    fill(this.why, h('h2', null, t('why')), h('ul', null, found.map(({ element, row }) =>
      h('li', null, h('button', { type: 'button', class: 'cause', click: () => this.show(row.uid, true) },
        icon(isEnd(row) ? 'fail' : 'warn', isEnd(row) ? 'Failed' : 'warn'),
        h('b', null, h('bdi', null, element.id)), h('span', { class: 'code' }, said(row.reason)), times(row.count, 'warn'),
        h('span', { class: 'words' }, said(row.message)),
        h('span', { class: 'muted when' }, row.last > row.first ? `${clock(row.first)} – ${clock(row.last)}` : clock(row.last)))))));
  }

  drawChip() {
    const { element } = this.filters;
    if (element === null) return fill(this.chip);
    const name = element === '' ? t('self') : this.chosenElement?.id ?? element;
    fill(this.chip, h('button', { type: 'button', class: 'chip', id: 'only', title: t('clear'), click: () => this.pick(null) }, t('onlyElement', { name }), icon('close')));
  }

  drawState() {
    if (!this.stateNode) return;
    const ends = this.state === 'over';
    const button = !ends && h('button', { type: 'button', class: 'quiet', id: 'pause', 'aria-pressed': String(this.paused), click: () => this.pause() },
      icon(this.paused ? 'run' : 'pause'), this.paused ? (this.held ? t('newer', { count: this.held }) : t('resume')) : t('pause'));
    const name = this.paused && !ends ? 'paused' : this.state;
    fill(this.stateNode, h('span', { class: `live ${name}`, 'data-state': name }, h('i', { 'aria-hidden': 'true' }), t(name)), button);
  }

  /** Stops drawing, not listening. */
  pause() {
    this.paused = !this.paused;
    this.held = 0;
    if (!this.paused) this.draw();
    this.drawState();
    document.getElementById('pause')?.focus();
  }

  filter(change) {
    Object.assign(this.filters, change);
    this.remember();
    this.draw();
  }

  pick(key) {
    this.filter({ element: key === this.filters.element ? null : key });
  }

  /** Opens a row, or with null closes it. */
  show(uid, clear = false) {
    this.row = uid === this.row && !clear ? null : uid;
    if (clear && this.row && !passing([this.trail.get(uid)], this.filters, this.keyOf).length) {
      this.filters = { warnings: false, text: '', element: null };
      this.remember();
      this.build();
    }
    this.remember();
    this.draw();
    if (this.row) this.table.reveal(this.row);
  }

  drawDetail() {
    const row = this.row && this.trail.get(this.row);
    const key = row ? `${row.uid} ${row.raw.lastTimestamp} ${row.count}` : '';
    if (key === this.detailKey && this.panel.firstChild) return;
    this.detailKey = key;
    const close = () => {
      this.show(null);
      this.table.table.focus({ preventScroll: true });
    };
    fill(this.panel, row && detail(row, { close, pick: (of) => this.pick(this.keyOf(of)) }));
  }

  /** Keeps in the address what is looked at. */
  remember() {
    const address = new URL(location.href);
    const set = (key, value) => (value === null || value === '' ? address.searchParams.delete(key) : address.searchParams.set(key, value));
    const { warnings, text, element } = this.filters;
    set('type', warnings ? 'Warning' : null);
    set('q', text);
    set('row', this.row);
    if (element === '') address.searchParams.set('elem', '');
    else set('elem', element);
    history.replaceState(history.state, '', address);
  }
}
