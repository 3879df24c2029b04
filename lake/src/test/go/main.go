// corpus TABLE OUT writes Parquet files to OUT as arrow-go and parquet-go write them: the columns of the Arrow file
// TABLE, and rows of its own for parquet-go, which knows no Arrow.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	out := os.Args[2]
	arrowGo(os.Args[1], out)
	parquetGo(out)
}

// write makes a file, or says on standard error why there is none.
func write(out, name string, fill func(*os.File) error) (written bool) {
	path := filepath.Join(out, name+".parquet")
	file, err := os.Create(path)
	must(err)
	defer file.Close()
	defer func() {
		cause := recover()
		if cause == nil {
			cause = err
		}
		if written = cause == nil; !written {
			fmt.Fprintf(os.Stderr, "%s: %v\n", name, cause)
			must(os.Remove(path))
		}
	}()
	err = fill(file)
	return
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
