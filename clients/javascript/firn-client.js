// Sends requests to Firn and waits for results, using only public Kafka and Avro clients.
// Either of two Avro codecs will do: the one for kafkajs, or Confluent's.
import { readFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry';
import { AvroDeserializer, AvroSerializer, SchemaRegistryClient, SerdeType } from '@confluentinc/schemaregistry';
import avro from 'avsc';
import { Kafka, logLevel } from 'kafkajs';
import { requestDigest } from './firn-digest.js';

const namespace = process.env.FIRN_NAMESPACE ?? 'firn';
const brokers = (process.env.FIRN_KAFKA_BOOTSTRAP_SERVERS ?? 'localhost:9092').split(',');
const registryUrl = process.env.FIRN_SCHEMA_REGISTRY_URL ?? 'http://localhost:8081';
const { KAFKA_USERNAME: username, KAFKA_PASSWORD: password, KAFKA_CERTIFICATE: certificate } = process.env;
// A secured cluster asks for a user.
const login = username && {
  ssl: certificate ? { ca: [readFileSync(certificate, 'utf8')] } : true,
  sasl: { mechanism: (process.env.KAFKA_SASL_MECHANISM ?? 'PLAIN').toLowerCase(), username, password },
};
const kafka = new Kafka({ clientId: 'firn-example', brokers, logLevel: logLevel.ERROR, ...login });

/** Reads longs as BigInt: Iceberg's 64-bit snapshot ids do not fit a JavaScript number. */
const longAsBigInt = avro.types.LongType.__with({
  fromBuffer: (buffer) => buffer.readBigInt64LE(),
  toBuffer: (value) => {
    const buffer = Buffer.alloc(8);
    buffer.writeBigInt64LE(BigInt(value));
    return buffer;
  },
  fromJSON: BigInt,
  toJSON: String,
  isValid: (value) => typeof value === 'bigint' || Number.isSafeInteger(value),
  compare: (a, b) => (a < b ? -1 : a > b ? 1 : 0),
});
const avroOptions = {
  typeHook: (schema) => (schema === 'long' || schema.type === 'long' ? longAsBigInt : undefined),
};

/** The registry client for kafkajs. It uses the latest schema of the subject and never registers one. */
export function kafkajsCodec() {
  const registry = new SchemaRegistry({ host: registryUrl }, { [SchemaType.AVRO]: avroOptions });
  return {
    encode: async (topic, value) => registry.encode(await registry.getLatestSchemaId(`${topic}-value`), value),
    decode: async (topic, bytes) => registry.decode(bytes),
  };
}

/**
 * Confluent's serializers. They first ask for associations, which only Confluent's registry has. After such a request,
 * Apicurio 3.3 sometimes (about once in a hundred times) never answers the next one on the same connection, so each
 * request gets its own connection.
 */
export function confluentCodec() {
  const client = new SchemaRegistryClient({
    baseURLs: [registryUrl],
    createAxiosDefaults: { timeout: 10_000, httpAgent: new Agent({ keepAlive: false }) },
  });
  const serializer = new AvroSerializer(client, SerdeType.VALUE, {
    ...avroOptions,
    autoRegisterSchemas: false,
    useLatestVersion: true,
  });
  const deserializer = new AvroDeserializer(client, SerdeType.VALUE, avroOptions);
  return {
    encode: (topic, value) => serializer.serialize(topic, value),
    decode: (topic, bytes) => deserializer.deserialize(topic, bytes),
  };
}

/** The newest schema of a topic's values, as JSON text. */
async function newestSchema(topic) {
  const response = await fetch(`${registryUrl}/subjects/${topic}-value/versions/latest`, {
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) {
    throw new Error(`the registry has no schema of ${topic}: ${response.status}`);
  }
  return (await response.json()).schema;
}

/**
 * Produces `request` and resolves with the first result that has its request_id and its digest. A result of the same id
 * with another digest answers another request: somebody else took the id. A retrieval whose id was cancelled is answered
 * CANCELLED without a digest.
 */
export async function ask(codec, requestName, key, request, resultName, timeoutMillis = 60_000) {
  const requestTopic = `${namespace}.${requestName}`;
  const resultTopic = `${namespace}.${resultName}`;
  const value = await codec.encode(requestTopic, request);
  const digest = requestDigest(await newestSchema(requestTopic), request);
  const admin = kafka.admin();
  const producer = kafka.producer({ idempotent: true });
  // Programs may use groups with this prefix.
  const group = `${namespace}.client-${process.pid}-${Date.now()}`;
  const consumer = kafka.consumer({ groupId: group, sessionTimeout: 6000, heartbeatInterval: 500 });
  await Promise.all([admin.connect(), producer.connect(), consumer.connect()]);
  let timer;
  try {
    // Take the position in the result topic before producing; otherwise a quick result is missed. After a rebalance
    // the consumer reads from the beginning, which takes longer but misses nothing.
    const ends = await admin.fetchTopicOffsets(resultTopic);
    await consumer.subscribe({ topic: resultTopic, fromBeginning: true });
    const answer = new Promise((resolve, reject) => {
      consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
      consumer
        .run({
          autoCommit: false,
          eachMessage: async ({ message }) => {
            const result = await codec.decode(resultTopic, message.value);
            const isCancelled =
              requestName === 'retrieval-requests' && result.code === 'CANCELLED' && result.request_digest === '';
            if (result.request_id === request.request_id && (isCancelled || result.request_digest === digest)) {
              resolve(result);
            }
          },
        })
        .catch(reject);
      ends.forEach(({ partition, high }) => consumer.seek({ topic: resultTopic, partition, offset: high }));
      timer = setTimeout(
        () => reject(new Error(`no result for ${request.request_id} within ${timeoutMillis / 1000} s`)),
        timeoutMillis,
      );
    });
    const [result] = await Promise.all([answer, producer.send({ topic: requestTopic, messages: [{ key, value }] })]);
    return result;
  } finally {
    clearTimeout(timer);
    await Promise.allSettled([consumer.disconnect(), producer.disconnect()]);
    await admin.deleteGroups([group]).catch(() => {});
    await admin.disconnect();
  }
}
