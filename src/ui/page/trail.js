// The rows of one history: parsed, kept by their ids, in the order in which the server gives them.

/** Splits what came in both languages; halves never contain the mark, a `##` of theirs is parted by U+200B. */
function halves(text, mark) {
  const at = text.indexOf(mark);
  const whole = (half) => half.replace(/#\u200b(?=#|$)/g, '#');
  if (at < 0) return { zh: text, en: text };
  return { zh: whole(text.slice(0, at)), en: whole(text.slice(at + mark.length)) };
}

export const reasonOf = (text) => halves(text, '##');
export const messageOf = (text) => halves(text, ' ## ');

/** A row in the page's own words. */
export function parse(raw) {
  const reason = reasonOf(raw.reason);
  return {
    raw,
    uid: raw.uid,
    name: raw.metadata.name,
    first: Date.parse(raw.firstTimestamp),
    last: Date.parse(raw.lastTimestamp),
    count: raw.count,
    warning: raw.type === 'Warning',
    elemType: raw.elemType,
    elemId: raw.elemId,
    action: raw.actionName,
    reason,
    message: messageOf(raw.message),
    code: reason.en,
    gap: raw.gap,
  };
}

const order = (a, b) => a.first - b.first || (a.name < b.name ? -1 : a.name > b.name ? 1 : a.uid < b.uid ? -1 : 1);

export class Trail {
  constructor() {
    this.byUid = new Map();
    this.sorted = [];
    this.stale = false;
    /** Grows with every change. */
    this.version = 0;
  }

  replace(raws) {
    this.byUid = new Map(raws.map((raw) => [raw.uid, parse(raw)]));
    this.stale = true;
    this.version += 1;
  }

  /** Takes one row; true if it was not there. */
  apply(raw) {
    const isNew = !this.byUid.has(raw.uid);
    this.byUid.set(raw.uid, parse(raw));
    this.stale = true;
    this.version += 1;
    return isNew;
  }

  get rows() {
    if (this.stale) this.sorted = [...this.byUid.values()].sort(order);
    this.stale = false;
    return this.sorted;
  }

  get(uid) {
    return this.byUid.get(uid);
  }
}

/** What part of the rows is looked at. */
export function passing(rows, { warnings, text, element }, keyOf) {
  const words = text.trim().toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter((row) => {
    if (warnings && !row.warning) return false;
    if (element !== null && keyOf(row) !== element) return false;
    if (!words.length) return true;
    const said = [row.elemId, row.elemType, row.action, row.reason.zh, row.reason.en, row.message.zh, row.message.en, row.raw.reporter];
    const all = said.join('\n').toLowerCase();
    return words.every((word) => all.includes(word));
  });
}
