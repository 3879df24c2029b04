package dev.firn.benchmarks;

import com.github.luben.zstd.ZstdDecompressCtx;
import dev.firn.lake.parquet.ColumnTasks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import org.apache.parquet.bytes.ByteBufferInputStream;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.Util;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.io.LocalInputFile;

/// A lower bound for reading whole columns: decompresses every page from the mapped file into a reused buffer, and does
/// nothing with it.
final class FloorPeer {
    private FloorPeer() {}

    /// @param columns the columns to read; empty for all
    static void run(List<Path> files, Set<String> columns, int runs, int threads) {
        RunLoop.repeat(runs, () -> {
            LongAdder bytes = new LongAdder();
            try (ColumnTasks tasks = new ColumnTasks(threads)) {
                tasks.run(files.size(), file -> bytes.add(read(files.get(file), columns)));
            }
            return bytes.sum();
        });
    }

    private static long read(Path path, Set<String> columns) {
        long bytes = 0;
        try (ParquetFileReader footer = ParquetFileReader.open(new LocalInputFile(path));
                FileChannel channel = FileChannel.open(path);
                Arena arena = Arena.ofConfined();
                ZstdDecompressCtx zstd = new ZstdDecompressCtx()) {
            MemorySegment file = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
            ByteBuffer target = ByteBuffer.allocateDirect(1 << 20);
            for (BlockMetaData group : footer.getRowGroups()) {
                for (ColumnChunkMetaData chunk : wanted(group, columns)) {
                    ByteBuffer pages = file.asSlice(chunk.getStartingPos(), chunk.getTotalSize())
                            .asByteBuffer();
                    bytes += pages.remaining();
                    while (pages.hasRemaining()) {
                        ByteBufferInputStream stream = ByteBufferInputStream.wrap(pages.slice());
                        PageHeader header = Util.readPageHeader(stream);
                        int body = pages.position() + Math.toIntExact(stream.position());
                        if (target.capacity() < header.getUncompressed_page_size()) {
                            target = ByteBuffer.allocateDirect(header.getUncompressed_page_size() * 2);
                        }
                        zstd.decompressDirectByteBuffer(
                                target, 0, target.capacity(), pages, body, header.getCompressed_page_size());
                        pages.position(body + header.getCompressed_page_size());
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes;
    }

    private static List<ColumnChunkMetaData> wanted(BlockMetaData group, Set<String> columns) {
        List<ColumnChunkMetaData> wanted = new ArrayList<>();
        for (ColumnChunkMetaData chunk : group.getColumns()) {
            if (columns.isEmpty() || columns.contains(chunk.getPath().toDotString())) {
                wanted.add(chunk);
            }
        }
        return wanted;
    }
}
