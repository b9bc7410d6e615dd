package bundle

import (
	"testing"

	"github.com/failover-gen/failover-gen/internal/bundle/corpus"
	"github.com/failover-gen/failover-gen/internal/fault"
)

// FuzzArchive reads any bytes as an archive.
func FuzzArchive(f *testing.F) {
	for _, c := range spellings(f) {
		f.Add(corpus.Zip(f, c.Files))
		f.Add(corpus.Tar(f, nil, corpus.In("top/", c.Files)))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := Read(corpus.Reused(t, data))
		if err != nil {
			wantFaults(t, err)
			return
		}
		for _, c := range b.Clusters {
			if c.Name.Text == "" {
				t.Error("read without a name and without an error")
			}
		}
	})
}

// wantFaults checks an error of arbitrary input, in which canaries mean nothing.
func wantFaults(t *testing.T, err error) {
	t.Helper()
	for _, f := range fault.All(err) {
		if f.Kind != fault.Input || f.File == "" || f.Cause == "" || f.Remedy == "" {
			t.Errorf("incomplete fault: %#v", f)
		}
	}
}

// BenchmarkReadZip reads a zip with two clients, a pom.xml and stores.
func BenchmarkReadZip(b *testing.B) {
	for _, c := range corpus.Load(b, "testdata/spellings") {
		if c.Name != "decoys" {
			continue
		}
		path := corpus.File(b, corpus.Zip(b, corpus.In("top/", c.Files)))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := Read(path); err != nil {
				b.Fatal(err)
			}
		}
	}
}
