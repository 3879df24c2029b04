package dev.firn.cli.stack;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The samples of Prometheus' text format.
record Meters(List<Sample> samples) {
    private static final Pattern LINE = Pattern.compile("([a-zA-Z_:][\\w:]*)(?:\\{(.*)})? (\\S+)");
    private static final Pattern LABEL = Pattern.compile("(\\w+)=\"((?:[^\"\\\\]|\\\\.)*)\"");

    /// @param labels as they are written, without the braces
    record Sample(String name, String labels, double value) {}

    Meters {
        samples = List.copyOf(samples);
    }

    /// Lines that are not samples are skipped, and so are values that are not numbers (`NaN`).
    static Meters parse(String text) {
        return new Meters(text.lines()
                .map(LINE::matcher)
                .filter(Matcher::matches)
                .filter(line -> !line.group(3).equals("NaN"))
                .map(line -> new Sample(
                        line.group(1), line.group(2) == null ? "" : line.group(2), Double.parseDouble(line.group(3))))
                .toList());
    }

    double sum(String name) {
        return sum(name, "");
    }

    /// The sum of the samples that have a label with this value.
    double sum(String name, String labelValue) {
        return samples.stream()
                .filter(sample -> sample.name().equals(name))
                .filter(sample -> labelValue.isEmpty() || sample.labels().contains("=\"" + labelValue + "\""))
                .mapToDouble(Sample::value)
                .sum();
    }

    Map<String, Double> byLabel(String name, String label) {
        Map<String, Double> values = new TreeMap<>();
        for (Sample sample : samples) {
            Matcher labels = LABEL.matcher(sample.labels());
            while (sample.name().equals(name) && labels.find()) {
                if (labels.group(1).equals(label)) {
                    values.put(labels.group(2), sample.value());
                }
            }
        }
        return values;
    }
}
