// Asks for a token, where the server asks for one.

import { setToken } from './api.js';
import { h } from './dom.js';
import { t } from './words.js';

/** A form; `then` is called with the token kept. `wrong`: the last one was not known. */
export function tokenForm(wrong, then) {
  const field = h('input', { type: 'password', id: 'token', autocomplete: 'off', required: true, 'aria-describedby': 'token-hint', 'aria-invalid': wrong ? 'true' : null });
  const submit = (event) => {
    event.preventDefault();
    const given = field.value.trim();
    if (!given) return;
    setToken(given);
    then();
  };
  return h('form', { class: 'card', submit },
    h('h1', null, t('tokenTitle')),
    wrong && h('p', { class: 'bad', role: 'alert' }, t('tokenWrong')),
    h('label', { for: 'token' }, t('token')),
    field,
    h('p', { class: 'muted', id: 'token-hint' }, t('tokenHint')),
    h('button', { type: 'submit', class: 'main' }, t('enter')));
}
