package dev.firn.service.spine;

import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A text of CSV with one more line at its end. Parsers accept a text that ends within a quoted value, as a file does
/// that was cut. Such a value takes the line in. So a text is complete if the last row is this line ([#isEnd]), whether
/// or not the text has such lines of its own.
public final class EndedText extends Reader {
    private static final String END = "end of the text";

    private final Reader text;
    private char last = '\n';
    private @Nullable Reader end;

    public EndedText(Reader text) {
        this.text = text;
    }

    /// @param lastRow its values; those that are quoted must differ from those that are not
    public static boolean isEnd(List<String> lastRow) {
        return lastRow.equals(List.of(END));
    }

    @Override
    public int read(char[] target, int from, int length) throws IOException {
        if (end == null) {
            int read = text.read(target, from, length);
            if (read >= 0) {
                last = read == 0 ? last : target[from + read - 1];
                return read;
            }
            end = new StringReader(last == '\n' || last == '\r' ? END : "\n" + END);
        }
        return end.read(target, from, length);
    }

    @Override
    public void close() throws IOException {
        text.close();
    }
}
