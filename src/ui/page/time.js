// Times and how long things took, for people.

import { settings } from './settings.js';
import { brief } from './words.js';

const two = (number) => String(number).padStart(2, '0');

function parts(ms) {
  const at = new Date(ms);
  return settings.tz === 'utc'
    ? [at.getUTCFullYear(), at.getUTCMonth() + 1, at.getUTCDate(), at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds()]
    : [at.getFullYear(), at.getMonth() + 1, at.getDate(), at.getHours(), at.getMinutes(), at.getSeconds()];
}

/** `14:02:11`. */
export function clock(ms) {
  const [, , , hour, minute, second] = parts(ms);
  return `${two(hour)}:${two(minute)}:${two(second)}`;
}

/** `2026-11-21`. */
export function day(ms) {
  const [year, month, date] = parts(ms);
  return `${year}-${two(month)}-${two(date)}`;
}

/** `2026-11-21 14:02:11`. */
export const full = (ms) => `${day(ms)} ${clock(ms)}`;

/** What was entered as a date and a time of day, as a time in RFC 3339; empty if it is none. */
export function momentOf(text) {
  const at = new Date(settings.tz === 'utc' ? `${text}Z` : text);
  return Number.isNaN(at.getTime()) ? '' : at.toISOString().replace('.000Z', 'Z');
}

/** The time of day, with the date unless it is today. */
export const short = (ms) => (day(ms) === day(Date.now()) ? clock(ms) : `${day(ms).slice(5)} ${clock(ms)}`);

/** `3 s`, `4 min 10 s`, `2 h 3 min`, `5 d 1 h`. */
export function lasted(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const [minute, hour, date] = [60, 3600, 86400];
  if (seconds < minute) return `${seconds} s`;
  if (seconds < hour) return pair(seconds, minute, 'min', 1, 's');
  if (seconds < date) return pair(seconds, hour, 'h', minute, 'min');
  return pair(seconds, date, 'd', hour, 'h');
}

function pair(seconds, big, bigName, small, smallName) {
  const rest = Math.floor((seconds % big) / small);
  return `${Math.floor(seconds / big)} ${bigName}${rest ? ` ${rest} ${smallName}` : ''}`;
}

/** The same in the largest unit alone. */
export const coarse = (ms) => lasted(ms).split(' ').slice(0, 2).join(' ');

/** How long ago, in the largest unit. */
export function ago(ms, now = Date.now()) {
  const passed = now - ms;
  if (passed < 5000) return brief('now');
  return brief('ago', { time: coarse(passed) });
}

const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800];

/** Round times between two, at most `most` of them. */
export function ticks(from, to, most) {
  const step = (STEPS.find((seconds) => (to - from) / (seconds * 1000) <= most) ?? Math.ceil((to - from) / most / 86400000) * 86400) * 1000;
  const shift = settings.tz === 'utc' ? 0 : new Date(from).getTimezoneOffset() * 60000;
  const found = [];
  for (let at = Math.ceil((from - shift) / step) * step + shift; at <= to; at += step) found.push(at);
  return { found, days: step >= 86400000 };
}
