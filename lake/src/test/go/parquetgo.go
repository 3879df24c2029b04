package main

import (
	"fmt"
	"os"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/encoding"
)

type row struct {
	ID         int64            `parquet:"id"`
	Bool       *bool            `parquet:"bool,optional"`
	I8         *int8            `parquet:"i8,optional"`
	I16        *int16           `parquet:"i16,optional"`
	I32        *int32           `parquet:"i32,optional"`
	U8         *uint8           `parquet:"u8,optional"`
	U16        *uint16          `parquet:"u16,optional"`
	U32        *uint32          `parquet:"u32,optional"`
	U64        *uint64          `parquet:"u64,optional"`
	F32        *float32         `parquet:"f32,optional"`
	F64        *float64         `parquet:"f64,optional"`
	Text       *string          `parquet:"text,optional"`
	Repeated   string           `parquet:"repeated,dict"`
	Enum       string           `parquet:"enum,enum"`
	JSON       string           `parquet:"json,json"`
	Bytes      []byte           `parquet:"bytes,optional"`
	Fixed      [5]byte          `parquet:"fixed"`
	UUID       [16]byte         `parquet:"uuid,uuid"`
	Day        *int32           `parquet:"day"`
	DayTime    time.Time        `parquet:"day_time,date"`
	TimeMillis int32            `parquet:"time_ms,time(millisecond)"`
	TimeMicros int64            `parquet:"time_us,time(microsecond:local)"`
	AtMillis   *time.Time       `parquet:"at_ms,timestamp(millisecond)"`
	AtMicros   *time.Time       `parquet:"at_us,timestamp(microsecond)"`
	AtLocal    *time.Time       `parquet:"at_local,timestamp(microsecond:local)"`
	AtNanos    *time.Time       `parquet:"at_ns,timestamp(nanosecond)"`
	At         time.Time        `parquet:"at"`
	Legacy     deprecated.Int96 `parquet:"int96"`
	Dec9       int32            `parquet:"dec9,decimal(2:9)"`
	Dec18      int64            `parquet:"dec18,decimal(4:18)"`
	Repeats    []int64          `parquet:"repeats"`
	List       []int64          `parquet:"list,list"`
	Texts      []string         `parquet:"texts,optional,list"`
	Struct     *nested          `parquet:"struct,optional"`
	Structs    []nested         `parquet:"structs,list"`
	Map        map[string]int64 `parquet:"map"`
}

type nested struct {
	A int64    `parquet:"a"`
	B *string  `parquet:"b,optional"`
	C []string `parquet:"c,list"`
}

// odd has what Iceberg has no type for.
type odd struct {
	ID        int64    `parquet:"id"`
	TimeNanos int64    `parquet:"time_ns,time(nanosecond)"`
	Interval  [12]byte `parquet:"interval,interval"`
	Inside    struct {
		U64 uint64 `parquet:"u64"`
	} `parquet:"inside"`
}

func some[T any](i int, value T) *T {
	if i%7 == 0 {
		return nil
	}
	return &value
}

func rows(count int) []row {
	start := time.Date(2024, 3, 1, 12, 30, 15, 123_456_789, time.UTC)
	rows := make([]row, count)
	for i := range rows {
		text := fmt.Sprintf("näme %d", i%50)
		at := start.Add(time.Duration(i) * 1_234_567 * time.Microsecond)
		row := row{
			ID: int64(i), Bool: some(i, i%3 == 0), I8: some(i, int8(i%200-100)), I16: some(i, int16(i*7-10_000)),
			I32: some(i, int32(i*-70_001)), U8: some(i, uint8(i)), U16: some(i, uint16(i*31)), U32: some(i, ^uint32(i)),
			U64: some(i, ^uint64(i)), F32: some(i, float32(i)/3), F64: some(i, float64(i)/7), Text: some(i, text),
			Repeated: text, Enum: "abc"[i%3 : i%3+1], JSON: fmt.Sprintf(`{"a": %d}`, i), UUID: [16]byte{1, byte(i), 15: byte(i >> 8)},
			Fixed: [5]byte{byte(i), byte(i >> 8)}, Day: some(i, int32(i*20-25_000)), DayTime: at, TimeMillis: int32(i * 1_000),
			TimeMicros: int64(i) * 1_001, AtMillis: some(i, at), AtMicros: some(i, at), AtLocal: some(i, at), AtNanos: some(i, at),
			At: at, Legacy: deprecated.Int96{uint32(i) * 1_000, 0, uint32(2_460_000 + i)}, Dec9: int32(i*37 - 5_000),
			Dec18: int64(i)*37_000_000 - 5_000, Struct: some(i, nested{A: int64(i), B: some(i+1, text), C: []string{text}}),
			Map: map[string]int64{text: int64(i)},
		}
		if i%7 != 0 {
			row.Bytes = []byte{byte(i), byte(i >> 8)}
		}
		for j := 0; j < i%4; j++ {
			row.Repeats = append(row.Repeats, int64(i+j))
			row.List = append(row.List, int64(i-j))
			row.Texts = append(row.Texts, text)
			row.Structs = append(row.Structs, nested{A: int64(j), C: row.Texts})
		}
		rows[i] = row
	}
	return rows
}

func parquetGo(out string) {
	const count = 3_000
	writeRows(out, "default", rows(count))
	writeRows(out, "0-rows", rows(0))
	writeRows(out, "1-row", rows(1))
	small := []parquet.WriterOption{
		parquet.PageBufferSize(500), parquet.MaxRowsPerRowGroup(700), parquet.WriteBufferSize(1_000),
	}
	with := func(more ...parquet.WriterOption) []parquet.WriterOption {
		return append(append([]parquet.WriterOption{}, small...), more...)
	}
	bloom := parquet.BloomFilters(parquet.SplitBlockFilter(10, "id"), parquet.SplitBlockFilter(10, "text"))
	forms := map[string][]parquet.WriterOption{
		"small-pages":           small,
		"small-dictionary":      with(parquet.DictionaryMaxBytes(100), parquet.DefaultEncoding(&parquet.RLEDictionary)),
		"no-page-statistics":    with(parquet.DataPageStatistics(false)),
		"deprecated-statistics": with(parquet.DeprecatedDataPageStatistics(true)),
		"short-index":           with(parquet.ColumnIndexSizeLimit(func([]string) int { return 2 })),
		"no-bounds":             with(parquet.SkipPageBounds("id"), parquet.SkipPageStatistics("text")),
		"bloom":                 with(bloom),
		"bloom-gzip":            with(bloom, parquet.BloomFilterCompression(&parquet.Gzip)),
		"sorted":                with(parquet.SortingWriterConfig(parquet.SortingColumns(parquet.Descending("id")))),
	}
	codecs := map[string]compress.Codec{
		"uncompressed": &parquet.Uncompressed, "snappy": &parquet.Snappy, "gzip": &parquet.Gzip, "zstd": &parquet.Zstd,
		"lz4-raw": &parquet.Lz4Raw, "brotli": &parquet.Brotli,
	}
	for pages, version := range map[string]int{"v1": 1, "v2": 2} {
		for name, codec := range codecs {
			forms[name+"-"+pages] = []parquet.WriterOption{parquet.Compression(codec), parquet.DataPageVersion(version)}
		}
		for name, options := range parquetGoEncodings() {
			forms[name+"-"+pages] = with(append(options, parquet.DataPageVersion(version))...)
		}
	}
	for name, options := range forms {
		writeRows(out, name, rows(count), options...)
	}
	odds := make([]odd, 50)
	for i := range odds {
		odds[i].ID, odds[i].TimeNanos, odds[i].Inside.U64 = int64(i), int64(i), uint64(i)
	}
	writeRows(out, "odd-types", odds)
}

func parquetGoEncodings() map[string][]parquet.WriterOption {
	of := func(enc encoding.Encoding, kinds ...parquet.Kind) []parquet.WriterOption {
		var options []parquet.WriterOption
		for _, kind := range kinds {
			options = append(options, parquet.DefaultEncodingFor(kind, enc))
		}
		return options
	}
	numbers := []parquet.Kind{parquet.Int32, parquet.Int64}
	return map[string][]parquet.WriterOption{
		"PLAIN":                   {parquet.DefaultEncoding(&parquet.Plain)},
		"RLE_DICTIONARY":          {parquet.DefaultEncoding(&parquet.RLEDictionary)},
		"PLAIN_DICTIONARY":        {parquet.DefaultEncoding(&parquet.PlainDictionary)},
		"DELTA_BINARY_PACKED":     of(&parquet.DeltaBinaryPacked, numbers...),
		"DELTA_LENGTH_BYTE_ARRAY": of(&parquet.DeltaLengthByteArray, parquet.ByteArray),
		"DELTA_BYTE_ARRAY":        of(&parquet.DeltaByteArray, parquet.ByteArray, parquet.FixedLenByteArray),
		"BYTE_STREAM_SPLIT": of(
			&parquet.ByteStreamSplit, parquet.Int32, parquet.Int64, parquet.Float, parquet.Double, parquet.FixedLenByteArray),
		"RLE": of(&parquet.RLE, parquet.Boolean),
	}
}

func writeRows[T any](out, name string, rows []T, options ...parquet.WriterOption) {
	write(out, "parquet-go-"+name, func(file *os.File) error {
		writer := parquet.NewGenericWriter[T](file, options...)
		for len(rows) > 0 {
			batch := min(len(rows), 100)
			if _, err := writer.Write(rows[:batch]); err != nil {
				return err
			}
			rows = rows[batch:]
		}
		return writer.Close()
	})
}
