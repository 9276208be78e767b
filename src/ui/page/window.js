// A long list of which only what is seen is in the document.

const AROUND = 8;

export class Window {
  /** `paint(from, to, height)` shows the rows [from, to), each of which is `height` high. */
  constructor(scroller, height, paint) {
    Object.assign(this, { scroller, height, paint, count: 0, from: -1, to: -1 });
    scroller.addEventListener('scroll', () => this.look(), { passive: true });
    this.observer = new ResizeObserver(() => this.look());
    this.observer.observe(scroller);
  }

  /** There are so many now, and what was shown may look different. */
  set(count, height = this.height) {
    Object.assign(this, { count, height, from: -1 });
    this.look();
  }

  look() {
    const { scroller, height, count } = this;
    const from = Math.max(0, Math.min(Math.floor(scroller.scrollTop / height), count - 1) - AROUND);
    const to = Math.min(count, Math.ceil((scroller.scrollTop + scroller.clientHeight) / height) + AROUND);
    if (from === this.from && to === this.to) return;
    Object.assign(this, { from, to });
    this.paint(from, Math.max(from, to), height);
  }

  /** Brings a row into view, below what covers `top` of the scroller. */
  reveal(index, top = 0) {
    const { scroller, height } = this;
    const at = index * height;
    const room = scroller.clientHeight - top;
    if (at < scroller.scrollTop) scroller.scrollTop = at;
    else if (at + height > scroller.scrollTop + room) scroller.scrollTop = at + height - room;
    this.look();
  }

  /** Which row stands at the top. */
  get first() {
    return this.scroller.scrollTop / this.height;
  }

  set first(index) {
    this.scroller.scrollTop = index * this.height;
    this.look();
  }

  get isAtEnd() {
    const { scroller } = this;
    return scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 2 * this.height;
  }

  stop() {
    this.observer.disconnect();
  }
}
