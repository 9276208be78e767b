// What several parts of the page show in one way.

import { h, icon } from './dom.js';
import { settings } from './settings.js';
import { known, t } from './words.js';

const PICTURES = {
  Succeeded: 'ok',
  Failed: 'fail',
  Error: 'fail',
  Running: 'run',
  Pending: 'wait',
  Cancelled: 'stop',
  Skipped: 'stop',
  Unended: 'gap',
  Seen: 'note',
};

/** A phase: picture, colour and word, so that no one of them is needed. */
export function phase(name, extra = '') {
  return h('span', { class: `phase ${name} ${extra}` }, icon(PICTURES[name] ?? 'note'), known(name) ? t(name) : name);
}

export const phaseIcon = (name) => icon(PICTURES[name] ?? 'note', name);

/** Words of an event: in one language, or Chinese over English. */
export function said({ zh, en }, extra = '') {
  const half = (lang, text) => h('span', { class: `half ${extra}`, lang: lang === 'zh' ? 'zh-Hans' : 'en' }, h('bdi', null, text));
  if (settings.lang === 'both' && zh !== en) return [half('zh', zh), half('en', en)];
  return [settings.lang === 'en' ? half('en', en) : half('zh', zh)];
}

/** The same as one text, for titles and for who does not see. */
export function saidText({ zh, en }) {
  if (settings.lang === 'both' && zh !== en) return `${zh} ${en}`;
  return settings.lang === 'en' ? en : zh;
}

export const times = (count, extra = '') => (count > 1 ? h('span', { class: `times ${extra}` }, `×${count}`) : null);

/** Says something to who listens, no more than once in five seconds. */
export class Announcer {
  constructor() {
    this.node = h('div', { class: 'unseen', role: 'status', 'aria-live': 'polite' });
    this.last = -Infinity;
  }

  say(text) {
    this.next = text;
    if (this.timer) return;
    const wait = Math.max(0, this.last + 5000 - performance.now());
    this.timer = setTimeout(() => {
      this.timer = null;
      this.last = performance.now();
      this.node.textContent = this.next;
    }, wait);
  }
}
