// Registers a feature view and retrieves features for two entities, once with each Avro codec.
import { randomUUID } from 'node:crypto';
import { ask, confluentCodec, kafkajsCodec } from './firn-client.js';

const view = process.env.FIRN_EXAMPLE_VIEW ?? 'customer_features';

for (const [name, codec] of [['kafkajs', kafkajsCodec()], ['confluent', confluentCodec()]]) {
  const registered = await ask(
    codec,
    'registration-requests',
    view,
    registration(`${name}-${randomUUID()}`),
    'registration-results',
  );
  console.log(name, String(registered.status), registered.message);
  if (!['REGISTERED', 'UPDATED', 'UNCHANGED'].includes(registered.status)) {
    throw new Error(`rejected: ${JSON.stringify(registered.violations)}`);
  }

  const requestId = `${name}-${randomUUID()}`;
  const result = await ask(codec, 'retrieval-requests', requestId, retrieval(requestId), 'retrieval-results');
  console.log(name, String(result.status), result.message, result.location, `${result.rows} rows`);
  if (result.status !== 'SUCCEEDED' || Number(result.rows) !== 2) {
    throw new Error(`failed: ${result.code} ${JSON.stringify(result.violations)}`);
  }
}
process.exit(0);

// Both codecs use avsc, which requires the fields without defaults and fills in the others.
function registration(requestId) {
  return {
    request_id: requestId,
    name: view,
    entities: ['customer_id'],
    features: [
      { name: 'total_orders', dtype: 'int64' },
      { name: 'avg_order_value', dtype: 'float64' },
    ],
    source: {
      catalog: 'iceberg',
      schema: process.env.GOLD_SCHEMA ?? 'gold',
      table_name: 'customer_aggregates',
      timestamp_field: 'updated_at',
    },
    online: false,
  };
}

function retrieval(requestId) {
  return {
    request_id: requestId,
    spine: {
      kind: 'IDS',
      columns: ['customer_id'],
      rows: [['1'], ['2']],
    },
    features: [`${view}:total_orders`, `${view}:avg_order_value`],
  };
}
