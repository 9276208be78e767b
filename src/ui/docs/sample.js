// An example of a shape: what the description gives as examples, else the plainest value that fits.

import { resolved } from './shape.js';

const PLAIN = { string: 'text', integer: 1, number: 1, boolean: true };
const TIMES = '2026-01-01T00:00:00Z';

/** A value that fits. `only`: of an object, the fields that this one has to have. */
export function sample(given, api, only = false, above = []) {
  const { name, schema } = resolved(given, api);
  if (schema.example !== undefined) return schema.example;
  if (schema.enum) return schema.enum[0];
  if (name && above.includes(name)) return {};
  const within = name ? [...above, name] : above;
  const of = (part) => sample(part, api, only, within);
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map(of));
  const parts = schema.anyOf ?? schema.oneOf;
  if (parts) return of(parts.find((part) => part.type !== 'null'));
  if (schema.type === 'array') return [of(schema.items)];
  if (schema.properties) {
    const keys = Object.entries(schema.properties).filter(([key]) => !only || schema.required?.includes(key));
    return Object.fromEntries(keys.map(([key, value]) => [key, of(value)]));
  }
  if (typeof schema.additionalProperties === 'object') return {};
  if (schema.format === 'date-time') return TIMES;
  const type = [schema.type].flat().find((type) => type !== 'null');
  return type === 'integer' ? (schema.minimum ?? PLAIN.integer) : (PLAIN[type] ?? null);
}
