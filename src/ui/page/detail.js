// All that is known of one row.

import { h, icon } from './dom.js';
import { said, times } from './pieces.js';
import { full, lasted } from './time.js';
import { t } from './words.js';

const NOTES = { countLowerBound: 'atLeast', aggregated: 'aggregated', statusOnly: 'statusOnly', eventOnly: 'eventOnly' };

/** A panel; `close` is called when somebody has seen enough. */
export function detail(row, { close, pick }) {
  const { raw } = row;
  const notes = Object.entries(NOTES).filter(([key]) => raw[key]).map(([, word]) => t(word));
  if (raw.unobserved) notes.push(t('unobserved', { count: raw.unobserved }));
  const whole = row.last > row.first ? `${full(row.first)} – ${full(row.last)} (${lasted(row.last - row.first)})` : full(row.first);
  const labels = Object.entries(raw.labels ?? {}).map(([key, value]) => `${key}=${value}`).join('  ');
  const isOther = raw.original.message && raw.original.message !== row.message.en;
  const facts = [
    ['time', whole],
    ['element', row.elemId && h('button', { type: 'button', class: 'plain', click: () => pick(row) }, h('bdi', null, row.elemId))],
    ['elementType', row.elemType],
    ['action', row.action],
    ['source', raw.reporter],
    ['origins', raw.origins > 1 && raw.origins],
    ['original', isOther && raw.original.message],
    ['labels', labels],
    ['payload', raw.payload !== null && h('pre', { tabindex: 0 }, JSON.stringify(raw.payload, null, 2))],
    ['id', raw.uid],
  ];
  return h('aside', { class: `detail ${row.warning ? 'warn' : ''}`, 'aria-label': t('details') },
    h('div', { class: 'top' }, icon(row.gap ? 'gap' : row.warning ? 'warn' : 'note', row.warning ? 'warn' : ''),
      h('strong', null, said(row.reason)), times(row.count, row.warning ? 'warn' : ''),
      h('button', { type: 'button', class: 'quiet', id: 'close-detail', 'aria-label': t('close'), title: t('close'), click: close }, icon('close'))),
    h('p', { class: 'words' }, said(row.message)),
    notes.map((note) => h('p', { class: 'note' }, icon('note'), note)),
    h('dl', null, facts.filter(([, value]) => value).map(([word, value]) => [h('dt', null, t(word)), h('dd', null, typeof value === 'object' ? value : h('bdi', null, value))])));
}
