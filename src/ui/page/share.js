// What is taken away: a link, a command, a file.

import { ask, eventsPath, hasToken } from './api.js';
import { h, icon, fill } from './dom.js';
import { settings } from './settings.js';
import { t } from './words.js';

/** A word for a POSIX shell. */
export const quoted = (text) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/** What of the filters the server understands too. */
function query({ warnings, elemId }) {
  return { lang: settings.lang, ...(warnings && { type: 'Warning' }), ...(elemId && { elemId }) };
}

export function curl(id, filters) {
  const url = quoted(location.origin + eventsPath(id, query(filters)));
  const token = hasToken() ? ' -H "Authorization: Bearer $DAGTRAIL_TOKEN"' : '';
  return `curl -s${token} ${url}`;
}

export function cli(id, filters) {
  const { lang, type, elemId } = query(filters);
  const words = ['dagtrail', 'get', 'events', quoted(id), '--server', quoted(location.origin), '--lang', lang];
  if (type) words.push('--type', type);
  if (elemId) words.push('--elem-id', quoted(elemId));
  return words.join(' ');
}

const CSV = ['uid', 'firstTimestamp', 'lastTimestamp', 'count', 'type', 'elemType', 'elemId', 'actionName', 'reason', 'message', 'reporter'];

/** RFC 4180; a cell that a spreadsheet would take for a formula begins with an apostrophe. */
export function csv(rows) {
  const cell = (value) => {
    const text = String(value);
    const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
  };
  const line = (values) => `${values.map(cell).join(',')}\r\n`;
  // The mark tells spreadsheets that it is UTF-8.
  return `\ufeff${line(CSV)}${rows.map((row) => line(CSV.map((key) => row[key]))).join('')}`;
}

async function file(run, filters, kind) {
  const accept = kind === 'ndjson' ? 'application/x-ndjson' : 'application/json';
  const answer = await ask(eventsPath(run.id, query(filters)), { Accept: accept });
  const blob = kind === 'csv' ? new Blob([csv(await answer.json())], { type: 'text/csv;charset=utf-8' }) : await answer.blob();
  const name = `${run.name}-${run.id}`.replace(/[^\p{L}\p{N}._-]+/gu, '_').slice(0, 120);
  const url = URL.createObjectURL(blob);
  const link = h('a', { href: url, download: `${name}.${kind}` });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

/** The menu; `of()` gives the run and the filters at that time. */
export function menu(of) {
  const told = h('p', { class: 'told', role: 'status' });
  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      fill(told, icon('ok', 'Succeeded'), t('copied'));
    } catch {
      // Without TLS there is no clipboard.
      const field = h('textarea', { readonly: true, rows: 4, 'aria-label': t('copyByHand') });
      field.value = text;
      fill(told, t('copyByHand'), field);
      field.select();
    }
  };
  const load = async (kind) => {
    fill(told, t('downloading'));
    try {
      await file(of().run, of().filters, kind);
      fill(told);
    } catch (error) {
      fill(told, t('failed'), ': ', error.message);
    }
  };
  const item = (text, click) => h('button', { type: 'button', click }, text);
  const node = h('details', { class: 'menu' },
    h('summary', { id: 'share' }, icon('link'), h('span', null, t('share'))),
    h('div', { class: 'sheet' },
      h('h3', null, t('copy')),
      item(t('copyLink'), () => copy(`${location.origin}/x/id/${encodeURIComponent(of().run.id)}${location.search}`)),
      item(t('copyCurl'), () => copy(curl(of().run.id, of().filters))),
      item(t('copyCli'), () => copy(cli(of().run.id, of().filters))),
      h('h3', null, t('download')),
      h('div', { class: 'kinds' }, ['json', 'ndjson', 'csv'].map((kind) => item(kind.toUpperCase(), () => load(kind)))),
      told));
  node.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || !node.open) return;
    node.open = false;
    node.querySelector('summary').focus();
    event.stopPropagation();
  });
  node.addEventListener('focusout', (event) => {
    if (event.relatedTarget && !node.contains(event.relatedTarget)) node.open = false;
  });
  return node;
}
