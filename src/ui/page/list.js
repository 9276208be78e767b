// The page of all executions.

import * as api from './api.js';
import { fill, h, icon, placed } from './dom.js';
import { isTerminal } from './elements.js';
import { Announcer, phase, said, times } from './pieces.js';
import { ago, full, lasted, momentOf, short } from './time.js';
import { messageOf, reasonOf } from './trail.js';
import { brief, t } from './words.js';

const PAGE = 100;
const POLL = 5000;
/** What was deleted is seen with the next whole look. */
const WHOLE = 60000;
const TYPED = 250;
const RANGES = { '15m': 900, '1h': 3600, '6h': 21600, '24h': 86400, '7d': 604800 };
const RANGE_WORDS = { '15m': 'last15m', '1h': 'last1h', '6h': 'last6h', '24h': 'last24h', '7d': 'last7d' };
const PHASES = ['Running', 'Failed', 'Succeeded', 'Pending', 'Cancelled'];
const KEYS = ['ns', 'q', 'status', 'range', 'since', 'until', 'warn'];

export class ListPage {
  constructor(_, { refused }) {
    Object.assign(this, { refused, found: new Map(), total: 0, loaded: 0, announcer: new Announcer() });
    const asked = new URLSearchParams(location.search);
    this.filters = Object.fromEntries(KEYS.map((key) => [key, asked.get(key) ?? '']));
    this.node = h('main', { id: 'content', class: 'list', tabindex: -1 });
    this.visible = () => document.visibilityState === 'visible' && this.open().catch(this.refused);
  }

  async open() {
    document.title = 'dagtrail';
    await this.load();
    if (!this.table) this.build();
    else this.draw();
    this.timer ??= setInterval(() => this.poll(), POLL);
    document.addEventListener('visibilitychange', this.visible);
  }

  close() {
    this.closed = true;
    clearInterval(this.timer);
    clearTimeout(this.typing);
    document.removeEventListener('visibilitychange', this.visible);
    this.asking?.abort();
  }

  /** What the server is asked for. Whether there were warnings it does not know beforehand. */
  query() {
    const { ns, q, status, range, since, until } = this.filters;
    const iso = (text) => (Number.isNaN(Date.parse(text)) ? '' : text);
    const wanted = {
      project_id: ns, name: q, status,
      since: range in RANGES ? new Date(Date.now() - RANGES[range] * 1000).toISOString() : range === 'custom' ? iso(since) : '',
      until: range === 'custom' ? iso(until) : '',
    };
    return Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== ''));
  }

  async load(more = false) {
    this.asking?.abort();
    this.asking = new AbortController();
    const offset = more ? this.loaded : 0;
    const { runs, total } = await api.runs({ ...this.query(), limit: PAGE, offset }, this.asking.signal);
    if (!more) this.found = new Map();
    for (const run of runs) this.found.set(run.id, run);
    Object.assign(this, { total, loaded: offset + runs.length, whole: performance.now() });
  }

  /** Asks only for what was told of since the last time. */
  async poll() {
    if (document.visibilityState === 'hidden' || this.busy) return;
    this.busy = true;
    try {
      if (performance.now() - this.whole > WHOLE && this.loaded <= PAGE) {
        await this.load();
      } else {
        const query = this.query();
        const newest = Math.max(0, ...[...this.found.values()].map((run) => run.updated));
        const since = new Date(Math.max(newest, Date.parse(query.since ?? 0) || 0)).toISOString();
        const { runs } = await api.runs({ ...query, since, limit: PAGE, offset: 0 });
        const fresh = runs.filter((run) => !this.found.has(run.id)).length;
        for (const run of runs) this.found.set(run.id, run);
        this.total += fresh;
        this.loaded += fresh;
        if (fresh) this.announcer.say(`${fresh} ${t('executions')}`);
      }
      this.isLost = false;
    } catch (error) {
      if (error.name === 'AbortError') return;
      if (error instanceof api.Refused && error.status === 401) return this.refused(error);
      this.isLost = true;
    } finally {
      this.busy = false;
    }
    if (!this.closed) this.draw();
  }

  build() {
    const { filters } = this;
    const field = (key, node) => {
      node.value = filters[key];
      return node;
    };
    const select = (key, label, options) => h('label', null, h('span', null, t(label)),
      field(key, h('select', { id: `filter-${key}`, change: (event) => this.filter(key, event.target.value) },
        options.map(([value, text]) => h('option', { value }, text)))));
    const text = (key, label, attrs) => h('label', null, h('span', null, t(label)),
      field(key, h('input', { id: `filter-${key}`, ...attrs, input: (event) => this.filter(key, event.target.value) })));
    // The address has the time itself, whichever zone somebody reads it in.
    const moment = (key, label) => {
      const node = h('input', { id: `filter-${key}`, type: 'datetime-local', step: 1, change: (event) => this.filter(key, momentOf(event.target.value)) });
      const at = Date.parse(filters[key]);
      node.value = Number.isNaN(at) ? '' : full(at).replace(' ', 'T');
      return h('label', null, h('span', null, t(label)), node);
    };
    const warn = h('input', { type: 'checkbox', id: 'filter-warn', change: (event) => this.filter('warn', event.target.checked ? '1' : '') });
    warn.checked = filters.warn !== '';
    this.spaces = h('datalist', { id: 'namespaces' });
    this.table = h('tbody', null);
    this.foot = h('div', { class: 'foot' });
    fill(this.node,
      h('form', { class: 'filters', role: 'search', submit: (event) => event.preventDefault() },
        text('q', 'name', { type: 'search', placeholder: t('nameContains') }),
        text('ns', 'namespace', { type: 'search', list: 'namespaces', placeholder: t('any') }), this.spaces,
        select('status', 'status', [['', t('any')], ...PHASES.map((name) => [name, t(name)])]),
        select('range', 'time', [['', t('allTime')], ...Object.keys(RANGES).map((key) => [key, t(RANGE_WORDS[key])]), ['custom', t('custom')]]),
        filters.range === 'custom' && [moment('since', 'from'), moment('until', 'to')],
        h('label', { class: 'check' }, warn, t('warningsOnly'))),
      h('div', { class: 'pane' },
        h('table', { class: 'runs', 'aria-label': t('executions') },
          h('thead', null, h('tr', null, ['status', 'execution', 'lastWarning', 'events', 'started', 'duration', 'updated'].map((word) => h('th', { scope: 'col', class: word }, t(word))))),
          this.table)),
      this.foot, this.announcer.node);
    this.draw();
  }

  draw() {
    if (!this.table) return;
    const all = [...this.found.values()].sort((a, b) => b.started - a.started || b.updated - a.updated);
    const shown = this.filters.warn ? all.filter((run) => run.summary.warnings > 0) : all;
    fill(this.spaces, [...new Set(all.map((run) => run.namespace))].sort().map((value) => h('option', { value })));
    const focused = document.activeElement?.id;
    const scrolled = document.scrollingElement.scrollTop;
    fill(this.table, shown.map((run) => this.line(run)));
    if (focused?.startsWith('run-')) document.getElementById(focused)?.focus({ preventScroll: true });
    document.scrollingElement.scrollTop = scrolled;
    const counts = this.filters.warn
      ? t('warnedOf', { shown: shown.length, loaded: this.loaded, total: this.total })
      : t('shownOf', { shown: shown.length, total: this.total });
    fill(this.foot,
      this.isLost && h('span', { class: 'live lost', 'data-state': 'lost' }, h('i', null), t('lost')),
      shown.length ? h('span', { class: 'muted' }, counts) : this.nothing(counts),
      this.loaded < this.total && h('button', { type: 'button', id: 'more', click: () => this.more() }, t('more')));
  }

  nothing(counts) {
    const isFiltered = KEYS.some((key) => this.filters[key] !== '');
    if (isFiltered) {
      return h('div', { class: 'empty' }, h('p', null, t('noExecutions')), h('p', { class: 'muted' }, counts),
        h('button', { type: 'button', click: () => this.clear() }, t('clear')));
    }
    const example = `curl -s ${location.origin}/v1/executions/first/events -H 'content-type: application/json' \\\n  -d '{"reason": "ActionStart", "elemId": "load", "actionName": "run", "firstTimestamp": "${new Date().toISOString().slice(0, 19)}Z"}'`;
    return h('div', { class: 'empty' }, h('p', null, t('noneYet')), h('p', { class: 'muted' }, t('tellOne')), h('pre', { tabindex: 0 }, example));
  }

  line(run) {
    const { summary } = run;
    const end = summary.finished_at ? Date.parse(summary.finished_at) : isTerminal(run.phase) ? run.updated : Date.now();
    const warning = summary.last_warning;
    return h('tr', { class: `run ${run.phase}` },
      h('td', { class: 'status' }, phase(run.phase)),
      h('td', { class: 'execution' },
        h('a', { href: `/x/id/${encodeURIComponent(run.id)}`, id: `run-${run.id}` }, h('bdi', null, run.name)),
        h('span', { class: 'muted small' }, h('bdi', null, run.namespace), run.engine && [' · ', h('bdi', null, run.engine)])),
      h('td', { class: 'lastWarning' }, warning && [
        h('span', { class: 'warning-line' }, icon('warn', 'warn'), h('b', null, h('bdi', null, warning.elem_id)), ' ',
          h('span', { class: 'code' }, said(reasonOf(warning.reason))), times(warning.count, 'warn')),
        h('span', { class: 'muted small words' }, said(messageOf(warning.message)))]),
      h('td', { class: 'events' }, summary.occurrences, summary.warnings > 0 && h('span', { class: 'warn-text small' }, brief('warningsCount', { count: summary.warnings }))),
      h('td', { class: 'started' }, h('time', { datetime: new Date(run.started).toISOString(), title: full(run.started) }, short(run.started))),
      h('td', { class: 'duration' }, lasted(end - run.started)),
      h('td', { class: 'updated' }, h('span', { title: full(run.updated) }, ago(run.updated))));
  }

  async more() {
    try {
      await this.load(true);
    } catch (error) {
      if (error.name !== 'AbortError') return this.refused(error);
    }
    this.draw();
  }

  clear() {
    for (const key of KEYS) this.filters[key] = '';
    this.remember();
    this.table = null;
    this.open().catch(this.refused);
  }

  filter(key, value) {
    const was = this.filters[key];
    this.filters[key] = value;
    this.remember();
    if (key === 'warn') return this.draw();
    if (key === 'range' && (value === 'custom') !== (was === 'custom')) {
      this.build();
      document.getElementById('filter-range').focus();
    }
    clearTimeout(this.typing);
    this.typing = setTimeout(async () => {
      try {
        await this.load();
      } catch (error) {
        if (error.name === 'AbortError') return;
        return this.refused(error);
      }
      this.draw();
    }, TYPED);
  }

  remember() {
    const address = new URL(location.href);
    for (const key of KEYS) {
      if (this.filters[key] === '') address.searchParams.delete(key);
      else address.searchParams.set(key, this.filters[key]);
    }
    history.replaceState(history.state, '', address);
  }
}
