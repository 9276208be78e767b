// The page of the API: every route that /openapi.json describes, with parameters, shapes, an example and its curl.

import { h, fill } from '/ui/dom.js';
import { choose, onChoice, settings } from '/ui/settings.js';
import { commands } from './curl.js';
import { prose } from './prose.js';
import { kindOf, shape } from './shape.js';
import { sample } from './sample.js';

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
const THEMES = { auto: 'Auto', light: 'Light', dark: 'Dark' };
const app = document.getElementById('app');

/** Every operation, by tag. */
function byTag(api) {
  const tags = new Map(api.tags.map(({ name }) => [name, []]));
  for (const [path, item] of Object.entries(api.paths)) {
    for (const method of METHODS.filter((method) => item[method])) {
      const operation = { ...item[method], method, path };
      const tag = operation.tags?.[0] ?? 'other';
      tags.set(tag, [...(tags.get(tag) ?? []), operation]);
    }
  }
  return tags;
}

function choice() {
  const button = ([theme, word]) => h('button', { type: 'button', 'aria-pressed': String(settings.theme === theme), click: () => choose('theme', theme) }, word);
  return h('div', { class: 'choice', role: 'group', 'aria-label': 'Colours' }, Object.entries(THEMES).map(button));
}

function top() {
  return h('header', { class: 'top' },
    h('a', { class: 'skip', href: '#content' }, 'Skip to content'),
    h('a', { class: 'home', href: '/' }, h('i'), 'dagtrail'),
    h('span', { class: 'muted' }, 'API'),
    h('span', { class: 'grow' }),
    h('a', { href: '/openapi.json' }, 'openapi.json'),
    choice());
}

const method = (operation) => h('span', { class: `method ${operation.method}` }, operation.method.toUpperCase());

function contents(tags) {
  const link = (operation) => h('li', null, h('a', { href: `#${operation.operationId}` }, method(operation), h('span', null, operation.path)));
  const part = ([tag, operations]) => [h('h2', null, tag), h('ul', null, operations.map(link))];
  return h('nav', { class: 'contents', 'aria-label': 'Routes' }, [...tags].filter(([, operations]) => operations.length).map(part));
}

function parameters(operation, api) {
  if (!operation.parameters?.length) return null;
  const line = (parameter) => h('li', null,
    h('span', { class: 'name' }, parameter.name),
    h('span', { class: 'kind' }, `${parameter.in}, ${kindOf(parameter.schema, api)}`),
    parameter.required && h('span', { class: 'required' }, 'required'),
    prose(parameter.description));
  return [h('h3', null, 'Parameters'), h('ul', { class: 'fields' }, operation.parameters.map(line))];
}

/** Of a request or an answer: its shapes by media type. */
function media(content, api) {
  return Object.entries(content ?? {}).map(([type, { schema }]) => h('details', null,
    h('summary', null, type, schema ? ` · ${kindOf(schema, api)}` : ''),
    schema && shape(schema, api)));
}

function body(operation, api) {
  if (!operation.requestBody) return null;
  return [h('h3', null, 'Body'), prose(operation.requestBody.description), media(operation.requestBody.content, api)];
}

function answers(operation, api) {
  const line = ([status, answer]) => h('li', null,
    h('span', { class: 'status' }, status),
    h('span', null, prose(answer.description, true)),
    Object.entries(answer.headers ?? {}).map(([name, header]) => h('p', { class: 'small' }, h('code', null, name), ' ', prose(header.description, true))),
    media(answer.content, api));
  return [h('h3', null, 'Answers'), h('ul', { class: 'fields' }, Object.entries(operation.responses).map(line))];
}

function example(operation, api) {
  const good = Object.entries(operation.responses).find(([status]) => status.startsWith('2'))?.[1];
  const schema = good?.content?.['application/json']?.schema;
  return schema && [h('h3', null, 'Example of an answer'), h('div', { class: 'example' }, h('pre', { tabindex: 0 }, JSON.stringify(sample(schema, api), null, 2)))];
}

function section(operation, api) {
  return h('section', { class: 'operation', id: operation.operationId, 'data-method': operation.method, 'data-path': operation.path },
    h('h2', null, method(operation), h('span', null, operation.path)),
    h('p', null, h('strong', null, prose(operation.summary, true))),
    prose(operation.description),
    parameters(operation, api),
    body(operation, api),
    answers(operation, api),
    h('h3', null, 'Call'),
    commands(operation, api),
    example(operation, api));
}

function show(api) {
  const tags = byTag(api);
  const operations = [...tags.values()].flat();
  fill(app, top(), h('div', { class: 'sides' },
    contents(tags),
    h('main', { id: 'content', tabindex: -1 },
      h('h1', null, `${api.info.title} ${api.info.version}`),
      prose(api.info.description),
      h('p', null, 'Where the server asks who you are, every call needs a bearer token; examples carry it if this page was given one. The dialects of other tools have routes of their own, at their own prefixes.'),
      operations.map((operation) => section(operation, api)))));
  // It did not exist when the browser looked for it.
  if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
}

async function open() {
  const answer = await fetch('/openapi.json');
  if (!answer.ok) throw new Error(`/openapi.json answers ${answer.status}`);
  show(await answer.json());
}

onChoice(() => app.querySelector('.choice')?.replaceWith(choice()));
// The description is English.
document.documentElement.lang = 'en';
open().catch((error) => fill(app, top(), h('main', { id: 'content' }, h('p', { class: 'bad', role: 'alert' }, error.message))));
