package dev.firn.lake.targets;

import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeRejection;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import org.apache.iceberg.Schema;
import org.apache.iceberg.io.IOUtil;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.SeekableInputStream;
import org.apache.iceberg.parquet.ParquetSchemaUtil;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.format.Util;
import org.apache.parquet.format.converter.ParquetMetadataConverter;

/// Copies a Parquet file of a result and gives its columns the field ids of a table. Pages and indexes are copied as
/// they are, since only the footer names fields; the footer is rewritten. The source is compared with its checksum
/// while it is read.
final class RenumberedCopy {
    private static final byte[] MAGIC = "PAR1".getBytes(StandardCharsets.US_ASCII);
    private static final int END_BYTES = Integer.BYTES + MAGIC.length;
    private static final int BUFFER_BYTES = 1 << 20;

    private final InputFile source;
    private final ResultPart part;

    RenumberedCopy(InputFile source, ResultPart part) {
        this.source = source;
        this.part = part;
    }

    /// The columns of the file with the ids that it has. Throws `FILE_UNREADABLE`.
    Schema schema() {
        try (SeekableInputStream in = source.newStream()) {
            FileMetaData footer = parsed(footer(in));
            return ParquetSchemaUtil.convert(new ParquetMetadataConverter()
                    .fromParquetMetadata(footer)
                    .getFileMetaData()
                    .getSchema());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// @param ids from the ids in the file to those of the table
    /// @param step runs for each buffer; may throw to end the copy
    void to(OutputFile target, Map<Integer, Integer> ids, Runnable step) {
        MessageDigest digest = sha256();
        try (SeekableInputStream in = source.newStream();
                OutputStream out = target.create()) {
            byte[] footer = footer(in);
            in.seek(0);
            long left = part.bytes() - END_BYTES - footer.length;
            byte[] buffer = new byte[BUFFER_BYTES];
            while (left > 0) {
                step.run();
                int bytes = (int) Math.min(left, buffer.length);
                IOUtil.readFully(in, buffer, 0, bytes);
                digest.update(buffer, 0, bytes);
                out.write(buffer, 0, bytes);
                left -= bytes;
            }
            digest.update(footer);
            digest.update(end(footer.length));
            if (!HexFormat.of().formatHex(digest.digest()).equals(part.sha256())) {
                throw damaged("its checksum is not the one in the manifest");
            }
            byte[] renumbered = renumbered(footer, ids);
            out.write(renumbered);
            out.write(end(renumbered.length));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private byte[] footer(SeekableInputStream in) throws IOException {
        if (source.getLength() != part.bytes()) {
            throw damaged("it has %d bytes, the manifest says %d".formatted(source.getLength(), part.bytes()));
        }
        byte[] end = new byte[END_BYTES];
        in.seek(Math.max(0, part.bytes() - END_BYTES));
        IOUtil.readFully(in, end, 0, END_BYTES);
        int length = ByteBuffer.wrap(end).order(ByteOrder.LITTLE_ENDIAN).getInt();
        if (!Arrays.equals(end, Integer.BYTES, END_BYTES, MAGIC, 0, MAGIC.length)
                || length < 0
                || length > part.bytes() - END_BYTES) {
            throw damaged("it has no Parquet footer");
        }
        byte[] footer = new byte[length];
        in.seek(part.bytes() - END_BYTES - length);
        IOUtil.readFully(in, footer, 0, length);
        return footer;
    }

    private static FileMetaData parsed(byte[] footer) throws IOException {
        return Util.readFileMetaData(new ByteArrayInputStream(footer));
    }

    private byte[] renumbered(byte[] footer, Map<Integer, Integer> ids) throws IOException {
        FileMetaData metadata = parsed(footer);
        for (SchemaElement element : metadata.getSchema()) {
            if (element.isSetField_id()) {
                Integer id = ids.get(element.getField_id());
                if (id == null) {
                    throw damaged("its columns are not those of the result's first file");
                }
                element.setField_id(id);
            }
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream(footer.length);
        Util.writeFileMetaData(metadata, out);
        return out.toByteArray();
    }

    private static byte[] end(int footerLength) {
        return ByteBuffer.allocate(END_BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(footerLength)
                .put(MAGIC)
                .array();
    }

    private LakeRejection damaged(String why) {
        return new LakeRejection(
                LakeCode.FILE_UNREADABLE,
                "[" + part.location() + "] the file of the result is not what was written: " + why);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
