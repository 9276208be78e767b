// What somebody has chosen: language, colours, time zone. The address wins over what is remembered, that over the browser.

const CHOICES = { lang: ['zh', 'en', 'both'], theme: ['auto', 'light', 'dark'], tz: ['local', 'utc'] };
const listeners = new Set();

const preferred = (navigator.languages ?? [navigator.language]).find((tag) => /^(zh|en)\b/i.test(tag)) ?? 'en';
const defaults = { lang: /^zh/i.test(preferred) ? 'zh' : 'en', theme: 'auto', tz: 'local' };

function remembered(key) {
  try {
    return localStorage.getItem(`dagtrail.${key}`);
  } catch {
    return null; // Storage may be forbidden; then nothing is remembered.
  }
}

function chosen(key) {
  const asked = new URLSearchParams(location.search).get(key);
  return [asked, remembered(key)].find((value) => CHOICES[key].includes(value)) ?? defaults[key];
}

export const settings = { lang: chosen('lang'), theme: chosen('theme'), tz: chosen('tz') };

function show() {
  const root = document.documentElement;
  root.lang = settings.lang === 'en' ? 'en' : 'zh-Hans';
  if (settings.theme === 'auto') delete root.dataset.theme;
  else root.dataset.theme = settings.theme;
}

/** Sets one, remembers it, and tells the page. */
export function choose(key, value) {
  settings[key] = value;
  try {
    localStorage.setItem(`dagtrail.${key}`, value);
  } catch {
    // As above.
  }
  const address = new URL(location.href);
  if (address.searchParams.has(key)) {
    address.searchParams.set(key, value);
    history.replaceState(history.state, '', address);
  }
  show();
  for (const listener of listeners) listener();
}

/** Reads the address again, after the page went elsewhere. */
export function reread() {
  for (const key of Object.keys(CHOICES)) settings[key] = chosen(key);
  show();
}

export function onChoice(listener) {
  listeners.add(listener);
}

show();
