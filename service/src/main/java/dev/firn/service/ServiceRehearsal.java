package dev.firn.service;

import java.io.File;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.LoggerFactory;

/// Runs a service that has nobody to talk to, so that its JVM can keep the classes that it needs in an AOT cache (JEP
/// 483, 514). `./firn` runs this in the background, and images when they are built.
///
/// The service gets as far as its first question to a neighbour, at a closed port. Of what comes after that, the
/// classes of Firn and of Kafka's protocol are loaded here.
public final class ServiceRehearsal {
    private static final Pattern OWN_JAR = Pattern.compile("firn-(?!embedded).*\\.jar");
    private static final Duration KAFKA_LIMIT = Duration.ofMillis(300);

    /// From here on a service repeats its first question.
    private static final Duration START_LIMIT = Duration.ofSeconds(5);

    private static final String CLOSED_PORT = "127.0.0.1:9";

    private static final Map<String, String> NOWHERE = Map.ofEntries(
            Map.entry("firn.config", ""),
            Map.entry("firn.kafka.bootstrap-servers", CLOSED_PORT),
            Map.entry("firn.schema-registry.url", "http://" + CLOSED_PORT),
            Map.entry("firn.s3.endpoint", "http://" + CLOSED_PORT),
            Map.entry("firn.s3.path-style-access", "true"),
            Map.entry("firn.s3.access-key-id", "none"),
            Map.entry("firn.s3.secret-access-key", "none"),
            Map.entry("firn.s3.region", "us-east-1"),
            Map.entry("firn.catalogs.iceberg.type", "rest"),
            Map.entry("firn.catalogs.iceberg.uri", "http://" + CLOSED_PORT),
            Map.entry("firn.catalogs.iceberg.warehouse", "s3://none/warehouse"),
            Map.entry("firn.results.location", "s3://none/results"),
            Map.entry("firn.access.spine-locations", "s3://none/spines"),
            Map.entry("firn.trino.host", "127.0.0.1"),
            Map.entry("firn.trino.port", "9"),
            Map.entry("firn.http.host", "127.0.0.1"),
            Map.entry("firn.http.port", "0"),
            Map.entry("firn.gateway.host", "127.0.0.1"),
            Map.entry("firn.gateway.port", "0"));

    private ServiceRehearsal() {}

    /// The last argument is the service's main class. Those before it are run first, to their end.
    public static void main(String[] arguments) throws Exception {
        NOWHERE.forEach(System::setProperty);
        loadOwnClasses();
        talkToNobody();
        List<String> mainClasses = List.of(arguments);
        for (String mainClass : mainClasses.subList(0, mainClasses.size() - 1)) {
            run(mainClass);
        }
        Thread service = Thread.ofPlatform().daemon().start(() -> {
            try {
                run(mainClasses.getLast());
            } catch (ReflectiveOperationException e) {
                LoggerFactory.getLogger(ServiceRehearsal.class)
                        .atWarn()
                        .setCause(e)
                        .log("the service was not rehearsed");
            }
        });
        boolean _ = service.join(START_LIMIT);
        System.exit(0);
    }

    private static void run(String mainClass) throws ReflectiveOperationException {
        Method main = Class.forName(mainClass).getMethod("main", String[].class);
        try {
            main.invoke(null, (Object) new String[0]);
        } catch (InvocationTargetException e) {
            throw new IllegalStateException(mainClass + " failed", e.getCause());
        }
    }

    private static void loadOwnClasses() throws IOException {
        for (String entry : System.getProperty("java.class.path").split(Pattern.quote(File.pathSeparator), -1)) {
            Path jar = Path.of(entry);
            if (OWN_JAR.matcher(String.valueOf(jar.getFileName())).matches() && Files.exists(jar)) {
                try (JarFile opened = new JarFile(jar.toFile())) {
                    opened.stream()
                            .map(ZipEntry::getName)
                            .filter(name -> name.startsWith("dev/firn/") && name.endsWith(".class"))
                            .forEach(ServiceRehearsal::load);
                }
            }
        }
    }

    private static void load(String file) {
        String name = file.substring(0, file.length() - ".class".length()).replace('/', '.');
        try {
            Class<?> _ = Class.forName(name, false, ServiceRehearsal.class.getClassLoader());
        } catch (ClassNotFoundException | LinkageError e) {
            // what a service does without, it does without here too
        }
    }

    private static void talkToNobody() {
        for (ApiKeys api : ApiKeys.clientApis()) {
            List<Object> _ = List.of(api.messageType.newRequest(), api.messageType.newResponse());
        }
        Errors _ = Errors.forCode((short) 0);
        Map<String, Object> consuming = Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, CLOSED_PORT, ConsumerConfig.GROUP_ID_CONFIG, "rehearsal");
        Map<String, Object> producing = Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                CLOSED_PORT,
                ProducerConfig.MAX_BLOCK_MS_CONFIG,
                KAFKA_LIMIT.toMillis());
        try (KafkaConsumer<byte[], byte[]> consumer =
                        new KafkaConsumer<>(consuming, new ByteArrayDeserializer(), new ByteArrayDeserializer());
                KafkaProducer<byte[], byte[]> producer =
                        new KafkaProducer<>(producing, new ByteArraySerializer(), new ByteArraySerializer())) {
            consumer.subscribe(List.of("rehearsal"));
            var _ = consumer.poll(KAFKA_LIMIT);
            var _ = producer.send(new ProducerRecord<>("rehearsal", new byte[1]));
        }
    }
}
