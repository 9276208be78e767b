// Shapes of JSON, as a list of fields.

import { h } from '/ui/dom.js';
import { prose } from './prose.js';

/** What a reference names, and its name. */
export function resolved(schema, api) {
  const name = schema?.$ref?.split('/').pop();
  return name ? { name, schema: api.components.schemas[name] } : { name: null, schema: schema ?? {} };
}

const parts = (schema) => schema.oneOf ?? schema.anyOf;

/** In a few words. */
export function kindOf(given, api) {
  const { name, schema } = resolved(given, api);
  if (name && (schema.properties || schema.allOf || parts(schema))) return name;
  if (parts(schema)) return parts(schema).map((part) => kindOf(part, api)).join(' or ');
  if (schema.type === 'array') return `array of ${kindOf(schema.items, api)}`;
  const types = [schema.type ?? 'any'].flat().join(' or ');
  const words = schema.enum?.map((word) => JSON.stringify(word)).join(', ');
  return [words ? `one of ${words}` : types, schema.format, bounds(schema)].filter(Boolean).join(', ');
}

function bounds({ minimum, maximum, minLength, maxLength, maxItems }) {
  const least = minimum ?? minLength;
  const most = maximum ?? maxLength ?? maxItems;
  const unit = minLength !== undefined || maxLength !== undefined ? ' long' : '';
  if (least !== undefined && most !== undefined) return `${least} to ${most}${unit}`;
  if (least !== undefined) return `from ${least}${unit}`;
  return most !== undefined ? `up to ${most}${unit}` : null;
}

/** Fields of an object, with those of what it is made of. */
function fieldsOf(given, api) {
  const { schema } = resolved(given, api);
  const own = Object.entries(schema.properties ?? {}).map(([key, value]) => ({ key, value, required: schema.required?.includes(key) }));
  return [...(schema.allOf ?? []).flatMap((part) => fieldsOf(part, api)), ...own];
}

/** What is inside of it, if anything is. */
function inside(given, api) {
  const { schema } = resolved(given, api);
  if (schema.type === 'array') return inside(schema.items, api);
  if (typeof schema.additionalProperties === 'object') return inside(schema.additionalProperties, api);
  if (parts(schema)) return parts(schema).map((part) => inside(part, api)).find(Boolean) ?? null;
  return fieldsOf(given, api).length ? given : null;
}

/** A list of its fields; of an alternative, one list each. `above` are the names of the shapes around it. */
export function shape(given, api, above = []) {
  const { name, schema } = resolved(given, api);
  const within = name ? [...above, name] : above;
  if (name && above.includes(name)) return h('p', { class: 'muted' }, `as ${name} above`);
  if (schema.type === 'array') return shape(schema.items, api, within);
  const fields = fieldsOf(given, api);
  if (!fields.length && parts(schema)) {
    return parts(schema).filter((part) => inside(part, api)).map((part) => [h('p', { class: 'small muted' }, kindOf(part, api)), shape(part, api, within)]);
  }
  if (!fields.length) return prose(schema.description);
  return h('ul', { class: 'fields' }, fields.map((field) => line(field, api, within)));
}

function line({ key, value, required }, api, within) {
  const nested = inside(value, api);
  const told = value.description ?? parts(value)?.map((part) => part.description).find(Boolean);
  return h('li', null,
    h('span', { class: 'name' }, key),
    h('span', { class: 'kind' }, kindOf(value, api)),
    required && h('span', { class: 'required' }, 'required'),
    prose(told),
    nested && shape(nested, api, within));
}
