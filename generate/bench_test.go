package generate

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/failover-gen/failover-gen/internal/bundle"
	"github.com/failover-gen/failover-gen/internal/sample"
	"github.com/failover-gen/failover-gen/internal/storefile"
)

// consoleBundles are two bundles with the console's 100,000 iterations.
func consoleBundles(b *testing.B) []*bundle.Bundle {
	made, err := sample.Make(2)
	if err != nil {
		b.Fatal(err)
	}
	var bundles []*bundle.Bundle
	for _, m := range made {
		name := filepath.Join(b.TempDir(), m.FileName)
		if err := os.WriteFile(name, m.Data, 0o600); err != nil {
			b.Fatal(err)
		}
		read, err := bundle.Read(name)
		if err != nil {
			b.Fatal(err)
		}
		bundles = append(bundles, read)
	}
	return bundles
}

// BenchmarkGenerate shows where the time of generate goes: derive is the key
// derivation of the four stores alone, side by side, the lower bound of resolve.
func BenchmarkGenerate(b *testing.B) {
	bundles := consoleBundles(b)
	s := testSpec(bundles...)
	p, err := Resolve(context.Background(), s, bundles)
	if err != nil {
		b.Fatal(err)
	}
	files, err := Render(p)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("derive", func(b *testing.B) {
		for b.Loop() {
			var wg sync.WaitGroup
			for _, one := range bundles {
				c := one.Clusters[0]
				wg.Go(func() { _, _ = storefile.Decode(c.Keystore.Data, c.KeystorePassword.Reveal(), "") })
				wg.Go(func() { _, _ = storefile.Decode(c.Truststore.Data, c.TruststorePassword.Reveal(), "") })
			}
			wg.Wait()
		}
	})
	b.Run("resolve", func(b *testing.B) {
		for b.Loop() {
			if _, err := Resolve(context.Background(), s, bundles); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("render", func(b *testing.B) {
		for b.Loop() {
			if _, err := Render(p); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("commit", func(b *testing.B) {
		for b.Loop() {
			dir := filepath.Join(b.TempDir(), "orders")
			if _, err := Commit(context.Background(), dir, files, CommitOptions{}); err != nil {
				b.Fatal(err)
			}
			_ = os.RemoveAll(dir)
		}
	})
}
