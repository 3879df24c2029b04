// Compares the digests of this client with those of the services: node --test
import assert from 'node:assert';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { requestDigest } from './firn-digest.js';

const root = new URL('../../', import.meta.url);
const read = (path) => readFileSync(new URL(path, root), 'utf8');
const INSTANTS = new Set(['as_of', 'snapshot_as_of', 'created_at', 'updated_at']);
const LONGS = new Set(['snapshot_id', 'spine_snapshot_id', 'content_snapshot_id']);

// The vectors write instants as text, as Firn's own JSON does; an Avro serializer takes microseconds.
function micros(instant) {
  const [, seconds, fraction = ''] = /^(.*?)(?:\.(\d+))?Z$/.exec(instant);
  return BigInt(Date.parse(`${seconds}Z`)) * 1000n + BigInt(fraction.padEnd(6, '0'));
}

// Snapshot ids do not fit a JavaScript number: they are quoted before the text is parsed.
const quoted = read('clients/request-digests.json').replace(/("(?:\w*snapshot_id)": )(-?\d+)/g, '$1"$2"');
const vectors = JSON.parse(quoted, (key, value) => {
  if (value !== null && INSTANTS.has(key)) {
    return micros(value);
  }
  return value !== null && LONGS.has(key) ? BigInt(value) : value;
});

test('a deadline is not part of the digest', () => {
  const { request, digest } = vectors.find(({ event }) => event === 'RetrievalRequest');
  const schema = read('schemas/src/main/resources/released/v2/RetrievalRequest.avsc');
  assert.equal(requestDigest(schema, { ...request, deadline: 1893456000000000n }), digest);
});

for (const { what, event, request, digest } of vectors) {
  for (const release of ['v1', 'v2']) {
    test(`${what}, schema ${release}`, () => {
      const schema = read(`schemas/src/main/resources/released/${release}/${event}.avsc`);
      assert.equal(requestDigest(schema, request), digest);
    });
  }
}
