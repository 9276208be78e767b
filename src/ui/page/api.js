// The native API, as the page asks it.

const TOKEN = 'dagtrail.token';
let token = null;
try {
  token = sessionStorage.getItem(TOKEN);
} catch {
  // Storage may be forbidden; then the token lives as long as the page.
}

/** An answer that says no. */
export class Refused extends Error {
  constructor(status, message, requestId) {
    super(message);
    this.status = status;
    this.requestId = requestId;
  }
}

export const hasToken = () => token !== null;

/** Keeps the token, or with `null` forgets it. */
export function setToken(given) {
  token = given;
  try {
    if (given === null) sessionStorage.removeItem(TOKEN);
    else sessionStorage.setItem(TOKEN, given);
  } catch {
    // As above.
  }
}

/** What tabs with the same rights have in common; not the token itself. */
export async function circle() {
  if (token === null) return 'open';
  const sum = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(`dagtrail ${token}`));
  return Array.from(new Uint8Array(sum).slice(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Asks; throws `Refused` unless the answer is good or says that nothing is new. */
export async function ask(path, headers = {}, signal = undefined) {
  const sent = token === null ? headers : { ...headers, Authorization: `Bearer ${token}` };
  const answer = await fetch(path, { headers: sent, signal, cache: 'no-store', credentials: 'omit' });
  if (answer.ok || answer.status === 304) return answer;
  const body = await answer.text();
  let message = body.slice(0, 500);
  try {
    message = JSON.parse(body).error_msg ?? message;
  } catch {
    // Not ours: a proxy's page perhaps. Its text will do.
  }
  throw new Refused(answer.status, message, answer.headers.get('x-request-id') ?? '');
}

const seg = encodeURIComponent;

/** An execution, by its id or its name, in the page's own words. */
export async function run(where) {
  const path = where.id !== undefined ? seg(where.id) : [where.namespace, where.kind, where.name].map(seg).join('/');
  return runOf(await (await ask(`/v1/executions/${path}`)).json());
}

export function runOf({ execution, object, summary }) {
  return {
    id: execution.guid,
    name: execution.name || execution.guid,
    namespace: execution.namespace,
    kind: object.kind,
    engine: execution.jobs_type,
    phase: summary?.phase ?? execution.status,
    started: Date.parse(execution.create_at),
    updated: Date.parse(execution.update_at),
    aliases: object.spec.aliases,
    summary,
  };
}

/** Executions that fit, with a summary each. */
export async function runs(query, signal) {
  const params = new URLSearchParams({ view: 'full', ...query });
  const { executions, total_num: total } = await (await ask(`/v1/executions?${params}`, {}, signal)).json();
  return { runs: executions.map(runOf), total };
}

/** Where the events of an execution are. */
export const eventsPath = (id, query = {}) => `/v1/executions/${seg(id)}/events?${new URLSearchParams({ view: 'full', ...query })}`;

/** The whole history; `null` if it is what `etag` stands for. */
export async function history(id, etag, signal) {
  const answer = await ask(eventsPath(id), etag ? { 'If-None-Match': etag } : {}, signal);
  if (answer.status === 304) return null;
  return {
    rows: await answer.json(),
    etag: answer.headers.get('etag'),
    position: `${answer.headers.get('dagtrail-store')}.${answer.headers.get('dagtrail-seq')}`,
  };
}
