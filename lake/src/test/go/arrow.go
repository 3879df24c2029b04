package main

import (
	"os"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
)

// form is a file of some columns of the table with some of arrow-go's options.
type form struct {
	name    string
	columns []string
	rows    int64
	options []parquet.WriterProperty
	arrow   []pqarrow.WriterOption
}

var dataPages = map[string]parquet.DataPageVersion{"v1": parquet.DataPageV1, "v2": parquet.DataPageV2}

func arrowGo(path, out string) {
	table := readTable(path)
	var known []string
	for _, field := range table.Schema().Fields() {
		trial := form{name: "column-" + field.Name, columns: []string{field.Name}, rows: table.NumRows()}
		if trial.write(table, out) {
			must(os.Remove(out + "/arrow-go-" + trial.name + ".parquet"))
			known = append(known, field.Name)
		}
	}
	for _, form := range arrowForms() {
		if form.columns == nil {
			form.columns = known
		}
		form.write(table, out)
	}
}

func readTable(path string) arrow.Table {
	file, err := os.Open(path)
	must(err)
	reader, err := ipc.NewFileReader(file)
	must(err)
	var records []arrow.RecordBatch
	for i := 0; i < reader.NumRecords(); i++ {
		record, err := reader.RecordBatchAt(i)
		must(err)
		records = append(records, record)
	}
	return array.NewTableFromRecords(reader.Schema(), records)
}

func (form form) write(table arrow.Table, out string) bool {
	return write(out, "arrow-go-"+form.name, func(file *os.File) error {
		var fields []arrow.Field
		var columns []arrow.Column
		for _, name := range form.columns {
			index := table.Schema().FieldIndices(name)[0]
			fields = append(fields, table.Schema().Field(index))
			columns = append(columns, *table.Column(index))
		}
		chosen := array.NewTable(arrow.NewSchema(fields, nil), columns, form.rows)
		rows := max(form.rows, 1)
		return pqarrow.WriteTable(
			chosen, file, rows, parquet.NewWriterProperties(form.options...), pqarrow.NewArrowWriterProperties(form.arrow...))
	})
}

func arrowForms() []form {
	const rows = 3_000
	smallPages := []parquet.WriterProperty{
		parquet.WithBatchSize(50), parquet.WithDataPageSize(500), parquet.WithMaxRowGroupLength(700),
	}
	small := func(more ...parquet.WriterProperty) []parquet.WriterProperty {
		return append(append([]parquet.WriterProperty{}, smallPages...), more...)
	}
	stored := []pqarrow.WriterOption{pqarrow.WithStoreSchema()}
	forms := []form{
		{name: "default", rows: rows},
		{name: "arrow-schema", rows: rows, arrow: stored},
		{name: "version-1", rows: rows, options: []parquet.WriterProperty{parquet.WithVersion(parquet.V1_0)}},
		{name: "version-2.4", rows: rows, options: []parquet.WriterProperty{parquet.WithVersion(parquet.V2_4)}},
		{name: "no-dictionary", rows: rows, options: []parquet.WriterProperty{parquet.WithDictionaryDefault(false)}},
		{name: "small-dictionary", rows: rows, options: small(parquet.WithDictionaryPageSizeLimit(200))},
		{name: "small-pages", rows: rows, options: small()},
		{name: "page-index", rows: rows, options: small(parquet.WithPageIndexEnabled(true))},
		{name: "page-index-v2", rows: rows, options: small(
			parquet.WithPageIndexEnabled(true), parquet.WithDataPageVersion(parquet.DataPageV2))},
		{name: "bloom", rows: rows, options: small(parquet.WithBloomFilterEnabled(true), parquet.WithBloomFilterNDV(rows))},
		{name: "adaptive-bloom", rows: rows, options: small(
			parquet.WithBloomFilterEnabled(true), parquet.WithAdaptiveBloomFilterEnabled(true))},
		{name: "no-statistics", rows: rows, options: small(parquet.WithStats(false))},
		{name: "short-statistics", rows: rows, options: small(
			parquet.WithMaxStatsSize(4), parquet.WithPageIndexEnabled(true))},
		{name: "decimal-integers", rows: rows, options: []parquet.WriterProperty{parquet.WithStoreDecimalAsInteger(true)}},
		{name: "int96", columns: []string{"at_ns", "id"}, rows: rows,
			arrow: []pqarrow.WriterOption{pqarrow.WithDeprecatedInt96Timestamps(true)}},
		{name: "times-in-millis", columns: []string{"at_s", "at_ms", "at_us", "at_us_zone", "at_ns", "early"}, rows: rows,
			arrow: []pqarrow.WriterOption{
				pqarrow.WithCoerceTimestamps(arrow.Millisecond), pqarrow.WithTruncatedTimestamps(true)}},
		{name: "0-rows", rows: 0},
	}
	codecs := map[string]compress.Compression{
		"uncompressed": compress.Codecs.Uncompressed, "snappy": compress.Codecs.Snappy, "gzip": compress.Codecs.Gzip,
		"zstd": compress.Codecs.Zstd, "lz4-raw": compress.Codecs.Lz4Raw,
		"brotli": compress.Codecs.Brotli,
	}
	encodings := map[parquet.Encoding][]string{
		parquet.Encodings.DeltaBinaryPacked: {
			"id", "i8", "i16", "i32", "u8", "u16", "u32", "u64", "day", "time_ms", "time_us", "at_ms", "at_us", "at_ns", "early",
		},
		parquet.Encodings.DeltaLengthByteArray: {"text", "long_text", "bytes"},
		parquet.Encodings.DeltaByteArray:       {"text", "long_text", "bytes"},
		parquet.Encodings.ByteStreamSplit:      {"f16", "f32", "f64", "i32", "id", "fixed", "dec38"},
		parquet.Encodings.RLE:                  {"bool"},
	}
	for pages, version := range dataPages {
		for name, codec := range codecs {
			forms = append(forms, form{name: name + "-" + pages, rows: rows, options: []parquet.WriterProperty{
				parquet.WithCompression(codec), parquet.WithDataPageVersion(version)}})
		}
		for encoding, columns := range encodings {
			forms = append(forms, form{name: encoding.String() + "-" + pages, columns: columns, rows: rows, options: small(
				parquet.WithEncoding(encoding), parquet.WithDictionaryDefault(false), parquet.WithDataPageVersion(version),
				parquet.WithPageIndexEnabled(true))})
		}
	}
	return forms
}
