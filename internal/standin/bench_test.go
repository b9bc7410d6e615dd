package standin_test

import (
	"context"
	"strconv"
	"sync"
	"testing"

	"github.com/failover-gen/failover-gen/internal/standin"
)

// BenchmarkPut measures the raw client against a stand-in: what both cost together,
// to compare other costs with.
func BenchmarkPut(b *testing.B) {
	for _, plain := range []bool{false, true} {
		for _, workers := range []int{1, 64} {
			b.Run(map[bool]string{true: "plain/", false: "tls/"}[plain]+strconv.Itoa(workers), func(b *testing.B) {
				m := getMap(b, dial(b, config(start(b, standin.Options{Plain: plain}))))
				ctx := context.Background()
				b.ReportAllocs()
				b.ResetTimer()
				var wg sync.WaitGroup
				for w := range workers {
					wg.Go(func() {
						for i := w; i < b.N; i += workers {
							if _, err := m.Put(ctx, int64(i%100_000), "value"); err != nil {
								b.Error(err)
								return
							}
						}
					})
				}
				wg.Wait()
			})
		}
	}
}
