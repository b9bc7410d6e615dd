package bundle

import (
	"math/rand/v2"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/failover-gen/failover-gen/internal/bundle/corpus"
)

// patience tells a hang from work. Everything here takes under 2 seconds on an
// idle machine; this one may be busy, and the race detector slows it tenfold.
const patience = 20 * time.Second

// survives reads a damaged bundle: whatever comes, it comes soon, does not panic and keeps secrets.
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

// TestMutatedSources damages sources and pom.xml inside sound archives.
func TestMutatedSources(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 5))
	for _, c := range append(spellings(t), refused(t)...) {
		for range 25 {
			files := append([]txtar.File(nil), c.Files...)
			i := r.IntN(len(files))
			files[i].Data = corpus.Mutate(r, files[i].Data)
			survives(t, corpus.Reused(t, corpus.Zip(t, files)))
		}
	}
}
