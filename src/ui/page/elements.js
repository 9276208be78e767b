// From rows to what a timeline shows: for each element its bars, from start to finish, and what happened meanwhile.

const STARTS = new Set(['ActionStart', 'Resumed']);
const WAITS = new Set(['Created', 'Queued', 'Admitted', 'Suspended']);
const ENDS = new Map([
  ['SuccessfulFinish', 'Succeeded'],
  ['Skipped', 'Skipped'],
  ['Cancelled', 'Cancelled'],
  ['FailedFinish', 'Failed'],
  ['TimedOut', 'Failed'],
  ['ErrorFinish', 'Error'],
]);
/** Of ends of one time the worst counts. */
const RANK = ['Succeeded', 'Skipped', 'Cancelled', 'Failed', 'Error'];

export const isTerminal = (phase) => RANK.includes(phase);
export const isBad = (phase) => phase === 'Failed' || phase === 'Error';
/** Whether a row says that something has ended, which is no reason by itself. */
export const isEnd = (row) => ENDS.has(row.code);

/** Names the element that a row belongs to; empty: the execution itself. */
export function keyer(run) {
  return (row) => {
    const named = row.elemId === run.name && (row.elemType === '' || row.elemType === run.engine);
    return row.elemId === '' || row.elemId === run.id || named ? '' : `${row.elemType}/${row.elemId}`;
  };
}

/** The elements of a history, the execution itself first, then as they began. */
export function elements(rows, run) {
  const keyOf = keyer(run);
  const found = new Map();
  for (const row of rows) {
    if (row.gap) continue;
    const key = keyOf(row);
    let element = found.get(key);
    if (!element) {
      element = { key, id: key ? row.elemId : run.name, type: row.elemType || run.engine, rows: [] };
      found.set(key, element);
    }
    element.rows.push(row);
  }
  const all = [...found.values()].map((element) => settled(element, isTerminal(run.phase)));
  return all.sort((a, b) => (a.key !== '') - (b.key !== '') || a.first - b.first || a.last - b.last || (a.key < b.key ? -1 : 1));
}

/** An element with its bars and marks. */
function settled(element, runEnded) {
  const spells = new Map();
  let [first, last, warnings, count, waits] = [Infinity, -Infinity, 0, 0, Infinity];
  const marks = [];
  for (const row of element.rows) {
    first = Math.min(first, row.first);
    last = Math.max(last, row.last);
    count += row.count;
    if (row.warning) warnings += row.count;
    if (STARTS.has(row.code) || ENDS.has(row.code)) tell(spells, row);
    else if (WAITS.has(row.code) && row.action !== '') waits = Math.min(waits, row.first);
    else marks.push(row);
    if (row.warning && ENDS.has(row.code) && row.count > 1) marks.push(row);
  }
  const bars = [...spells.values()].map((spell) => barOf(spell, runEnded));
  bars.sort((a, b) => a.from - b.from);
  const begun = Math.min(...bars.map((bar) => bar.from));
  const wait = waits < Infinity && (bars.length === 0 || waits < begun) ? { from: waits, to: bars.length ? begun : null } : null;
  return { ...element, first, last, warnings, count, bars, marks, wait, phase: phaseOf(bars, wait, marks, runEnded) };
}

function tell(spells, row) {
  let spell = spells.get(row.action);
  if (!spell) {
    spell = { action: row.action, from: Infinity, latest: -Infinity, end: null, tries: 0 };
    spells.set(row.action, spell);
  }
  if (STARTS.has(row.code)) {
    spell.from = Math.min(spell.from, row.first);
    spell.latest = Math.max(spell.latest, row.last);
    spell.tries += row.count;
    return;
  }
  const { end } = spell;
  const worse = (one, other) => RANK.indexOf(ENDS.get(one.code)) >= RANK.indexOf(ENDS.get(other.code));
  if (!end || row.last > end.last || (row.last === end.last && worse(row, end))) spell.end = row;
}

function barOf({ action, from, latest, end, tries }, runEnded) {
  const isOpen = end === null || end.last < latest;
  const begin = Math.min(from, end?.first ?? Infinity);
  const phase = isOpen ? (runEnded ? 'Unended' : 'Running') : ENDS.get(end.code);
  return { action, from: begin, to: isOpen ? null : end.last, phase, tries };
}

function phaseOf(bars, wait, marks, runEnded) {
  if (bars.some((bar) => bar.phase === 'Running')) return 'Running';
  if (!bars.length) return wait ? (runEnded ? 'Unended' : 'Pending') : 'Seen';
  const latest = bars.reduce((a, b) => ((b.to ?? 0) >= (a.to ?? 0) ? b : a));
  // Something that failed beforehand and was not done again.
  return latest.phase;
}

/** From the first to the last time of all, up to now as long as it goes on. */
export function extent(rows, run, now) {
  let [from, to] = [run.started || Infinity, -Infinity];
  for (const row of rows) {
    from = Math.min(from, row.first);
    to = Math.max(to, row.last);
  }
  if (!isTerminal(run.phase)) to = Math.max(to, now);
  if (!Number.isFinite(from)) from = now - 1000;
  // Times are whole seconds: what happened in the last one is still to be seen.
  return { from, to: Math.max(to, from) + Math.max(1000, (to - from) * 0.02) };
}

/** When the execution ended, as its own rows say. */
export function endOf(self, run, rows) {
  if (!isTerminal(run.phase)) return null;
  const ends = (self?.bars ?? []).map((bar) => bar.to).filter((to) => to !== null);
  if (ends.length) return Math.max(...ends);
  return rows.length ? Math.max(...rows.map((row) => row.last)) : run.updated;
}

/** What probably tells why it went wrong, the most telling first. */
export function causes(all, most) {
  const keep = [];
  for (const element of all) {
    for (const row of element.rows) if (row.warning) keep.push({ element, row });
  }
  // Why comes before that; of whys the last; an element before the execution that failed because of it.
  keep.sort((a, b) =>
    isEnd(a.row) - isEnd(b.row) || (a.element.key === '') - (b.element.key === '') || b.row.last - a.row.last || b.row.count - a.row.count);
  return keep.slice(0, most);
}
