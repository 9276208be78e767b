// Server-sent events out of a body that is read as it comes. `EventSource` cannot send credentials.

/** Gives each event, as WHATWG HTML 9.2.6 takes a stream apart: `{event, data, id}`. */
export async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let [rest, data, event, id] = ['', [], '', null];
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      // A line break may be cut in two: what ends in \r waits for what follows.
      rest += value;
      const held = rest.endsWith('\r') ? 1 : 0;
      const lines = rest.slice(0, rest.length - held).split(/\r\n|\n|\r/);
      rest = lines.pop() + rest.slice(rest.length - held);
      for (const line of lines) {
        if (line === '') {
          if (data.length || id !== null) yield { event: event || 'message', data: data.join('\n'), id };
          [data, event, id] = [[], '', null];
          continue;
        }
        const at = line.indexOf(':');
        const field = at < 0 ? line : line.slice(0, at);
        const text = at < 0 ? '' : line.slice(at + 1).replace(/^ /, '');
        if (field === 'data') data.push(text);
        else if (field === 'event') event = text;
        else if (field === 'id') id = text;
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
