// The fingerprint of a request, which its result carries as `request_digest`.
//
// The id says which request a result answers, the digest what was asked. Two programs that take one id by mistake ask
// for different things, so take the first result that has both. A cancelled id has one answer for all: CANCELLED, without
// a digest. The rules are in docs/request-digest.md; the vectors in
// clients/request-digests.json test them.
import { createHash } from 'node:crypto';

const NOT_DIGESTED = new Map([
  ['RegistrationRequest', ['request_id']],
  ['RetrievalRequest', ['request_id', 'deadline', 'previous_run']],
  ['StandingRequest', ['request_id']],
]);

/** Returns 64 hexadecimal digits. `schema` is the request's Avro schema, as JSON text or parsed. */
export function requestDigest(schema, request) {
  const parsed = typeof schema === 'string' ? JSON.parse(schema) : schema;
  const types = new Map();
  nameTypes(parsed, types);
  return createHash('sha256').update(value(parsed, request, types)).digest('hex');
}

function nameTypes(schema, types) {
  if (Array.isArray(schema)) {
    schema.forEach((branch) => nameTypes(branch, types));
  } else if (schema !== null && typeof schema === 'object') {
    if (schema.name !== undefined) {
      types.set(simple(schema.name), schema);
    }
    [schema.type, schema.items, schema.values].forEach((part) => nameTypes(part, types));
    (schema.fields ?? []).forEach((field) => nameTypes(field.type, types));
  }
}

/** Each value starts with a tag of its type, each text and collection with its length: no two share a form. */
function value(schema, given, types) {
  if (given === null) {
    return Buffer.from('n');
  }
  if (Array.isArray(schema)) {
    return value(schema.find((branch) => branch !== 'null'), given, types);
  }
  if (typeof schema === 'string') {
    return value(types.get(simple(schema)) ?? { type: schema }, given, types);
  }
  if (typeof schema.type !== 'string') {
    return value(schema.type, given, types);
  }
  switch (schema.type) {
    case 'record':
      return record(schema, given, types);
    case 'string':
      return Buffer.concat([Buffer.from('s'), text(given)]);
    case 'enum':
      return Buffer.concat([Buffer.from('e'), text(given)]);
    case 'boolean':
      return Buffer.from(given ? 't' : 'f');
    case 'int':
    case 'long':
      return number(given instanceof Date ? BigInt(given.getTime()) * 1000n : BigInt(given));
    case 'array':
      return Buffer.concat([Buffer.from('a'), count(given.length), ...given.map((item) => value(schema.items, item, types))]);
    case 'map': {
      const keys = Object.keys(given).sort();
      const entries = keys.flatMap((key) => [text(key), value(schema.values, given[key], types)]);
      return Buffer.concat([Buffer.from('m'), count(keys.length), ...entries]);
    }
    default:
      throw new TypeError(`requests have no ${schema.type}`);
  }
}

/** The fields sorted by name, without those that equal their defaults, and without a request's id and deadline. */
function record(schema, given, types) {
  const notDigested = NOT_DIGESTED.get(simple(schema.name)) ?? [];
  const parts = [Buffer.from('r')];
  for (const field of [...schema.fields].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (notDigested.includes(field.name)) {
      continue;
    }
    const has = given[field.name] !== undefined;
    if (!has && field.default === undefined) {
      throw new TypeError(`${schema.name} lacks ${field.name}`);
    }
    const found = value(field.type, has ? given[field.name] : field.default, types);
    if (field.default === undefined || !found.equals(value(field.type, field.default, types))) {
      parts.push(Buffer.from('.'), text(field.name), found);
    }
  }
  return Buffer.concat([...parts, Buffer.from(';')]);
}

function number(given) {
  const bytes = Buffer.alloc(9, 'i');
  bytes.writeBigInt64BE(given, 1);
  return bytes;
}

function text(given) {
  const utf8 = Buffer.from(given);
  return Buffer.concat([count(utf8.length), utf8]);
}

function count(length) {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(length);
  return bytes;
}

function simple(name) {
  return name.slice(name.lastIndexOf('.') + 1);
}
