// Descriptions: paragraphs, and code between backticks.

import { h } from '/ui/dom.js';

const words = (text) => text.split('`').map((part, at) => (at % 2 ? h('code', null, part) : part));

/** Paragraphs; `inline`: without one around them. */
export function prose(text, inline = false) {
  if (!text) return null;
  if (inline) return words(text);
  return text.split(/\n\s*\n/).map((paragraph) => h('p', null, words(paragraph)));
}
