// Which page, what surrounds it, and what happens when something is refused.

import { Refused, hasToken, setToken } from './api.js';
import { fill, h } from './dom.js';
import { ListPage } from './list.js';
import { problem } from './problem.js';
import { RunPage } from './run.js';
import { choose, onChoice, reread, settings } from './settings.js';
import { tokenForm } from './token.js';
import { brief, t } from './words.js';

const app = document.getElementById('app');
const top = h('header', { class: 'top' });
const place = h('div', { class: 'place' });
let page = null;
let told = null;

function where() {
  const parts = location.pathname.split('/').filter(Boolean).map((part) => {
    try {
      return decodeURIComponent(part);
    } catch {
      return part;
    }
  });
  if (parts[0] !== 'x') return null;
  if (parts[1] === 'id') return { id: parts.slice(2).join('/') };
  const [, namespace, kind, ...name] = parts;
  return { namespace, kind, name: name.join('/') };
}

function group(key, label, options) {
  return h('div', { class: 'choice', role: 'group', 'aria-label': t(label) }, options.map(([value, text, words]) =>
    h('button', {
      type: 'button', id: `${key}-${value}`, 'aria-pressed': String(settings[key] === value), title: words, 'aria-label': words,
      lang: key === 'lang' && value === 'zh' ? 'zh-Hans' : null, click: () => choose(key, value),
    }, text)));
}

function surround() {
  fill(top,
    h('a', { class: 'skip', href: '#content' }, t('skip')),
    h('a', { class: 'home', href: '/' }, h('i', { 'aria-hidden': 'true' }), 'dagtrail'),
    h('span', { class: 'grow' }),
    hasToken() && h('button', { type: 'button', class: 'quiet', id: 'forget', click: () => { setToken(null); open(); } }, t('forget')),
    group('lang', 'language', [['zh', '中文'], ['en', 'English'], ['both', '双语 Both']]),
    group('tz', 'timezone', [['local', brief('local'), t('local')], ['utc', 'UTC']]),
    group('theme', 'theme', [['auto', '◐', t('auto')], ['light', '☀', t('light')], ['dark', '☾', t('dark')]]));
}

function refused(error) {
  const is401 = error instanceof Refused && error.status === 401;
  page?.close();
  page = null;
  told = error;
  const wrong = is401 && hasToken();
  const node = is401 ? tokenForm(wrong, open) : problem(error, open);
  fill(place, h('main', { id: 'content', tabindex: -1 }, node));
  surround();
  if (is401) document.getElementById('token').focus();
}

async function open() {
  page?.close();
  told = null;
  reread();
  surround();
  const asked = where();
  const Page = asked ? RunPage : ListPage;
  const mine = new Page(asked, { refused: (error) => mine === page && refused(error) });
  page = mine;
  fill(place, mine.node);
  try {
    await mine.open();
  } catch (error) {
    if (mine === page && error.name !== 'AbortError') refused(error);
  }
}

/** Links within the page do not load it again. */
document.addEventListener('click', (event) => {
  const link = event.target.closest?.('a[href]');
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  if (link.origin !== location.origin || link.download || link.getAttribute('href').startsWith('#')) return;
  event.preventDefault();
  const kept = new URLSearchParams(location.search);
  const target = new URL(link.href);
  for (const key of ['lang', 'theme', 'tz']) if (kept.has(key) && !target.searchParams.has(key)) target.searchParams.set(key, kept.get(key));
  history.pushState(null, '', target);
  open().then(() => { scrollTo(0, 0); document.getElementById('content')?.focus({ preventScroll: true }); });
});

addEventListener('popstate', open);

onChoice(() => {
  const focused = document.activeElement?.id;
  surround();
  if (told) refused(told);
  else if (page?.table) page.build();
  if (focused) document.getElementById(focused)?.focus();
});

fill(app, top, place);
open();
