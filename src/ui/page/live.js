// How a page hears of changes. All tabs of a browser together hold one stream: who has the lock reads it and passes on
// what it hears; the others listen, and who hears nothing of its own execution asks now and then whether anything has
// changed. Nothing is held by a tab that nobody sees.

import { Refused, ask, circle, eventsPath } from './api.js';
import { events } from './sse.js';

const POLL = 5000;
const POLL_ENDED = 15000;
/** A holder says so that often; who has not heard it for longer asks for itself. */
const BEAT = 4000;
const SILENCE = 10000;
/** After so many streams that failed in a row, the holder polls for a while. */
const PATIENCE = 2;
const POLLS_BEFORE_ANOTHER = 6;

const pause = (ms, signal) =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => { clearTimeout(timer); resolve(); }, { once: true });
  });

/** Whether asking again is of no use: not known, not allowed, not there. Else it is tried again, and said meanwhile. */
export const isFinal = (error) => error instanceof Refused && [401, 403, 404].includes(error.status);

/** Whether `a` stands at `b` or behind it; `null` if they cannot be compared. */
export function reaches(a, b) {
  const [storeA, seqA] = a.split('.');
  const [storeB, seqB] = b.split('.');
  return storeA === storeB ? Number(seqA) >= Number(seqB) : null;
}

export class Live {
  /**
   * `on.row(raw)`, `on.reload()` (what is known is worth nothing any more), `on.check()` (is anything new? resolves
   * when that is known), `on.done()`, `on.state(name)`, `on.refused(error)`.
   */
  constructor(id, position, on) {
    Object.assign(this, { id, position, on, ended: false, heard: 0, failures: 0 });
    this.visible = () => this.turn();
  }

  async start() {
    this.circle = navigator.locks && globalThis.BroadcastChannel ? `dagtrail:${await circle()}` : null;
    this.running = true;
    document.addEventListener('visibilitychange', this.visible);
    addEventListener('pagehide', this.hide = () => this.rest());
    addEventListener('pageshow', this.visible);
    this.turn(true);
  }

  stop() {
    this.running = false;
    this.rest();
    document.removeEventListener('visibilitychange', this.visible);
    removeEventListener('pagehide', this.hide);
    removeEventListener('pageshow', this.visible);
  }

  /** Where the history that is shown stands now. */
  at(position) {
    this.position = position;
  }

  rest() {
    this.abort?.abort();
    this.abort = null;
    this.channel?.close();
    this.channel = null;
  }

  /** Works while somebody looks. */
  turn(first = false) {
    if (!this.running || document.visibilityState === 'hidden') return this.rest();
    if (this.abort) return;
    this.abort = new AbortController();
    const { signal } = this.abort;
    this.heard = 0;
    if (this.circle) {
      this.channel = new BroadcastChannel(this.circle);
      this.channel.onmessage = ({ data }) => this.hear(data);
      this.say('who');
      this.queue(signal);
    }
    this.watch(signal, first);
  }

  say(what, more) {
    this.channel?.postMessage({ what, id: this.id, ...more });
  }

  hear({ what, id, position, data }) {
    if (id !== this.id) return;
    if (what === 'who') {
      if (this.leads) this.say('here');
      return;
    }
    if (this.leads) return;
    this.heard = performance.now();
    if (what === 'row') this.take(position, data);
    else if (what === 'gap') this.on.reload();
    else if (what === 'done') this.finish();
    if (!this.ended) this.on.state('live');
  }

  /** A row as a stream told it, unless what is shown is later. */
  take(position, data) {
    const later = reaches(position, this.position);
    if (later === null) return this.on.reload();
    if (!later) return;
    this.position = position;
    this.on.row(JSON.parse(data));
  }

  finish() {
    if (this.ended) return;
    this.ended = true;
    this.on.state('over');
    this.on.done();
  }

  /** What was over goes on. */
  revive() {
    if (!this.ended) return;
    this.ended = false;
    this.rest();
    this.turn();
  }

  /** Asks now and then, while no stream tells. */
  async watch(signal, first) {
    if (first) await pause(this.circle ? 1500 : POLL, signal);
    while (!signal.aborted) {
      const told = this.leads || (performance.now() - this.heard < SILENCE && this.heard > 0);
      if (!told || this.ended) {
        if (!this.ended) this.on.state('polling');
        try {
          await this.on.check(signal);
        } catch (error) {
          if (signal.aborted) return;
          if (isFinal(error)) this.on.refused(error);
          else this.on.state('lost');
        }
      }
      await pause(this.ended ? POLL_ENDED : POLL, signal);
    }
  }

  /** Waits for the lock; who gets it streams until it is hidden, or the execution is over. */
  async queue(signal) {
    try {
      await navigator.locks.request(this.circle, { signal }, () => this.lead(signal));
    } catch (error) {
      if (error.name !== 'AbortError') throw error;
    }
  }

  async lead(signal) {
    while (!signal.aborted && !this.ended) {
      this.leads = true;
      this.say('here');
      const beat = setInterval(() => this.say('here'), BEAT);
      try {
        await this.stream(signal);
        this.failures = 0;
      } catch (error) {
        if (signal.aborted) break;
        if (isFinal(error)) return this.on.refused(error);
        this.failures += 1;
        this.on.state('lost');
      } finally {
        clearInterval(beat);
        this.leads = false;
      }
      if (this.ended) break;
      const polls = this.failures >= PATIENCE ? POLLS_BEFORE_ANOTHER * POLL : 0;
      await pause(polls + 1000 + Math.random() * 2000, signal);
    }
  }

  async stream(signal) {
    const headers = { Accept: 'text/event-stream', 'Last-Event-ID': this.position };
    const answer = await ask(eventsPath(this.id), headers, signal);
    if (answer.status === 204) return this.over();
    this.on.state('live');
    for await (const { event, data, id } of events(answer.body)) {
      this.failures = 0;
      if (event === 'gap') {
        this.say('gap');
        await this.on.reload();
        return;
      }
      if (event === 'done') return this.over();
      if (data === '') continue;
      this.say('row', { position: id, data });
      this.take(id, data);
    }
  }

  over() {
    this.say('done');
    this.finish();
  }
}
