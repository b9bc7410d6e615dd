package bundle

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"time"

	"golang.org/x/tools/txtar"
)

const punctuation = "\"'\\(){}[]<>;,.+=*/@\n\x00\xff"

// mutate damages data in one of the ways that files are damaged in.
func mutate(r *rand.Rand, data []byte) []byte {
	if len(data) == 0 {
		return data
	}
	data = bytes.Clone(data)
	switch r.IntN(6) {
	case 0:
		for range 1 + r.IntN(8) {
			data[r.IntN(len(data))] ^= 1 << r.IntN(8)
		}
	case 1:
		return data[:r.IntN(len(data))]
	case 2:
		return bytes.ReplaceAll(data, []byte("\n"), []byte("\r\n"))
	case 3: // a piece is lost
		i := r.IntN(len(data))
		return append(data[:i], data[min(i+1+r.IntN(40), len(data)):]...)
	case 4: // a piece is doubled
		i := r.IntN(len(data))
		j := min(i+1+r.IntN(200), len(data))
		return append(bytes.Clone(data[:j]), data[i:]...)
	case 5: // punctuation is exchanged
		for range 1 + r.IntN(4) {
			data[r.IntN(len(data))] = punctuation[r.IntN(len(punctuation))]
		}
	}
	return data
}

// survives reads a damaged bundle: whatever comes, it comes soon, is no panic and keeps secrets.
func survives(t *testing.T, path string) (read bool) {
	t.Helper()
	start := time.Now()
	_, err := Read(path)
	if took := time.Since(start); took > patience {
		t.Errorf("took %v", took)
	}
	if err != nil {
		wantInput(t, err)
	}
	return err == nil
}

// TestMutatedArchives damages archives as a whole.
func TestMutatedArchives(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 4))
	for kind, data := range map[string][]byte{"zip": zipOf(t, good(t)), "tar.gz": tarOf(t, nil, good(t))} {
		reads := 0
		for range 1500 {
			if survives(t, writeCut(t, mutate(r, data))) {
				reads++
			}
		}
		t.Logf("%s: %d of 1500 still read", kind, reads)
	}
}

// TestMutatedSources damages sources and pom.xml inside sound archives.
func TestMutatedSources(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 5))
	for _, dir := range []string{"spellings", "errors"} {
		for _, c := range loadCases(t, dir) {
			for range 25 {
				files := append([]txtar.File(nil), c.files...)
				i := r.IntN(len(files))
				files[i].Data = mutate(r, files[i].Data)
				survives(t, writeCut(t, zipOf(t, files)))
			}
		}
	}
}
