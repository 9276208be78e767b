// A call as a command, to be copied.

import { hasToken } from '/ui/api.js';
import { h, fill } from '/ui/dom.js';
import { sample } from './sample.js';

/** A word for a POSIX shell. */
const quoted = (text) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/** The path with examples for what is variable in it. */
function filled(operation) {
  const value = (name) => operation.parameters?.find((parameter) => parameter.name === name)?.example ?? `my-${name}`;
  return operation.path.replace(/\{([^}]+)\}/g, (_, name) => encodeURIComponent(value(name)));
}

function command(operation, api, accept) {
  const words = ['curl', accept === 'text/event-stream' ? '-sN' : '-s'];
  if (operation.method !== 'get') words.push('-X', operation.method.toUpperCase());
  if (hasToken()) words.push('-H', '"Authorization: Bearer $DAGTRAIL_TOKEN"');
  if (accept) words.push('-H', quoted(`Accept: ${accept}`));
  const [type, content] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
  if (type === 'application/json') words.push('-H', quoted(`Content-Type: ${type}`), '-d', quoted(JSON.stringify(sample(content.schema, api, true))));
  else if (type) words.push('-H', quoted(`Content-Type: ${type}`), '--data-binary', '@history.ndjson');
  words.push(quoted(location.origin + filled(operation)));
  return words.join(' ');
}

function copied(text) {
  const button = h('button', { type: 'button', class: 'quiet', click: copy }, 'Copy as curl');
  async function copy() {
    try {
      await navigator.clipboard.writeText(text);
      fill(button, 'Copied');
    } catch {
      // Without TLS there is no clipboard.
      getSelection().selectAllChildren(pre);
      fill(button, 'Selected');
    }
  }
  const pre = h('pre', { tabindex: 0 }, text);
  return h('div', { class: 'example', role: 'group', 'aria-label': 'curl' }, pre, button);
}

/** The call; of a history, as a stream too. */
export function commands(operation, api) {
  const streams = Object.values(operation.responses).some((answer) => answer.content?.['text/event-stream']);
  return [null, streams && 'text/event-stream'].filter((accept) => accept !== false).map((accept) => copied(command(operation, api, accept)));
}
