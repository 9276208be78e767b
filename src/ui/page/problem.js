// What is shown instead of what was asked for.

import { Refused } from './api.js';
import { h, icon } from './dom.js';
import { t } from './words.js';

/** A card that says what is wrong and what can be done. */
export function problem(error, retry) {
  const isAbsent = error instanceof Refused && error.status === 404;
  const id = error instanceof Refused && error.requestId;
  return h('div', { class: 'card', role: 'alert' },
    h('h1', null, icon(isAbsent ? 'note' : 'warn', isAbsent ? '' : 'warn'), isAbsent ? t('notFound') : t('failed')),
    isAbsent && h('p', null, t('notFoundHint')),
    h('p', { class: 'muted' }, error.message),
    id && h('p', { class: 'muted small' }, t('requestId'), ' ', h('code', null, id)),
    h('p', { class: 'buttons' }, h('button', { type: 'button', class: 'main', click: retry }, t('retry')), h('a', { href: '/' }, t('back'))));
}
