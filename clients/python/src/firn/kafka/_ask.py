"""Sends requests to Firn and waits for results, using only Confluent's Kafka client and Avro serializers."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import Any

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

from ._digest import request_digest

NAMESPACE = os.environ.get("FIRN_NAMESPACE", "firn")
BROKERS = os.environ.get("FIRN_KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
# A secured cluster asks for a user. librdkafka needs a right on the group even if it only assigns partitions.
KAFKA = {"bootstrap.servers": BROKERS}
if "KAFKA_USERNAME" in os.environ:
    KAFKA |= {
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": os.environ.get("KAFKA_SASL_MECHANISM", "PLAIN"),
        "sasl.username": os.environ["KAFKA_USERNAME"],
        "sasl.password": os.environ["KAFKA_PASSWORD"],
        "ssl.ca.location": os.environ.get("KAFKA_CERTIFICATE", "probe"),
    }
REGISTRY = SchemaRegistryClient({"url": os.environ.get("FIRN_SCHEMA_REGISTRY_URL", "http://localhost:8081")})


def ask(
    request_topic: str, key: str, request: Mapping[str, Any], result_topic: str, timeout_seconds: float = 60
) -> dict[str, Any]:
    """Produces `request` and returns the first result with its request_id and its digest.

    A result of the same id with another digest answers another request: somebody else took the id. A retrieval whose
    id was cancelled is answered CANCELLED without a digest.
    """
    is_retrieval = request_topic == "retrieval-requests"
    request_topic, result_topic = f"{NAMESPACE}.{request_topic}", f"{NAMESPACE}.{result_topic}"
    consumer = Consumer(
        KAFKA
        | {
            "group.id": f"{NAMESPACE}.client-python",
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
        }
    )
    try:
        # Take the position in the result topic before producing; otherwise a quick result is missed.
        partitions = consumer.list_topics(result_topic, timeout=10).topics[result_topic].partitions
        ends = [
            TopicPartition(
                result_topic,
                p,
                consumer.get_watermark_offsets(TopicPartition(result_topic, p), timeout=10)[1],
            )
            for p in partitions
        ]
        consumer.assign(ends)

        # The services register the schemas; a client uses the latest and never registers one.
        serializer = AvroSerializer(REGISTRY, conf={"auto.register.schemas": False, "use.latest.version": True})
        producer = Producer(KAFKA | {"enable.idempotence": True})
        value = serializer(request, SerializationContext(request_topic, MessageField.VALUE))
        producer.produce(request_topic, key=key.encode(), value=value)
        producer.flush(30)

        schema = REGISTRY.get_latest_version(f"{request_topic}-value").schema.schema_str or ""
        digest = request_digest(schema, request)
        deserializer = AvroDeserializer(REGISTRY)
        deadline = time.monotonic() + timeout_seconds
        while time.monotonic() < deadline:
            message = consumer.poll(0.2)
            if message is None or message.error():
                continue
            result: dict[str, Any] = deserializer(
                message.value(), SerializationContext(result_topic, MessageField.VALUE)
            )
            is_cancelled = is_retrieval and result["code"] == "CANCELLED" and not result["request_digest"]
            if result["request_id"] == request["request_id"] and (is_cancelled or result["request_digest"] == digest):
                return result
        raise TimeoutError(f"no result for {request['request_id']} within {timeout_seconds} s")
    finally:
        consumer.close()
