package generate

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/failover-gen/failover-gen/internal/bundle"
	"github.com/failover-gen/failover-gen/internal/tree"
	"github.com/failover-gen/failover-gen/keystore"
)

// BenchmarkGenerate shows where the time of generate goes: derive is the key
// derivation of the four stores alone, side by side, the lower bound of project;
// fromLock makes the same files without it.
func BenchmarkGenerate(b *testing.B) {
	r := bundled(b)
	p := project(b, r)
	var bundles []*bundle.Bundle
	for _, path := range r.Bundles {
		one, err := bundle.Read(path)
		if err != nil {
			b.Fatal(err)
		}
		bundles = append(bundles, one)
	}
	b.Run("derive", func(b *testing.B) {
		for b.Loop() {
			var wg sync.WaitGroup
			for _, one := range bundles {
				c := one.Clusters[0]
				wg.Go(func() { _, _ = keystore.Decode(c.Keystore.Data, c.KeystorePassword.Reveal(), "") })
				wg.Go(func() { _, _ = keystore.Decode(c.Truststore.Data, c.TruststorePassword.Reveal(), "") })
			}
			wg.Wait()
		}
	})
	b.Run("project", func(b *testing.B) {
		for b.Loop() {
			project(b, r)
		}
	})
	b.Run("fromLock", func(b *testing.B) {
		for b.Loop() {
			project(b, lockOnly(ordersModule))
		}
	})
	b.Run("apply", func(b *testing.B) {
		for b.Loop() {
			dir := filepath.Join(b.TempDir(), "orders")
			if _, err := tree.Apply(context.Background(), dir, &p.Want, tree.Options{}); err != nil {
				b.Fatal(err)
			}
			_ = os.RemoveAll(dir)
		}
	})
}
