// Elements made of plain data. Text goes in as text nodes only: nothing here, or anywhere on the page, parses markup.

const SVG = 'http://www.w3.org/2000/svg';

/**
 * Makes an element. Of `attrs`, functions are listeners, `true` is an empty attribute, and what is null, undefined or
 * false is left out.
 */
export function h(tag, attrs, ...children) {
  return filled(document.createElement(tag), attrs, children);
}

function filled(node, attrs, children) {
  for (const [name, value] of Object.entries(attrs ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === 'function') node.addEventListener(name, value);
    else node.setAttribute(name, value === true ? '' : String(value));
  }
  add(node, children);
  return node;
}

function add(node, children) {
  for (const child of children.flat(3)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

/** Puts other children into an element. */
export function fill(node, ...children) {
  node.replaceChildren();
  add(node, children);
  return node;
}

/** Sets what is measured: the policy forbids style attributes, not the style object. */
export function placed(node, style) {
  Object.assign(node.style, style);
  return node;
}

const SHAPES = {
  ok: 'M4 10.5l4 4 8-9',
  fail: 'M5 5l10 10M15 5L5 15',
  warn: 'M10 3L18 17H2zM10 8v4M10 14.6v.2',
  run: 'M6 4l10 6-10 6z',
  wait: 'M10 3a7 7 0 100 14 7 7 0 000-14M10 6.5V10l2.5 1.5',
  stop: 'M5 10h10',
  note: 'M10 9v6M10 5.6v.2',
  gap: 'M3 10h3M9 10h2M14 10h3',
  link: 'M8 12l4-4M9 6l2-2a3.5 3.5 0 015 5l-2 2M11 14l-2 2a3.5 3.5 0 01-5-5l2-2',
  down: 'M10 3v10M6 9l4 4 4-4M4 17h12',
  close: 'M5 5l10 10M15 5L5 15',
  pause: 'M7 4v12M13 4v12',
};

/** A small picture; what it means is said in words beside it. */
export function icon(name, extra = '') {
  const svg = document.createElementNS(SVG, 'svg');
  const attrs = { viewBox: '0 0 20 20', class: `icon ${extra}`, 'aria-hidden': 'true', focusable: 'false' };
  const path = filled(document.createElementNS(SVG, 'path'), { d: SHAPES[name] ?? SHAPES.note }, []);
  return filled(svg, attrs, [path]);
}
