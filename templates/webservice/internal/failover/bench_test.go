package failover

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// calls makes n SOAP calls from each of some goroutines and returns the time it took.
func calls(b *testing.B, rt http.RoundTripper, url string, goroutines, n int) time.Duration {
	content := callEnvelope("bench")
	start := time.Now()
	var all sync.WaitGroup
	for range goroutines {
		all.Go(func() {
			for range n {
				req, _ := http.NewRequest("POST", url, strings.NewReader(content))
				req.Header.Set("Content-Type", "text/xml; charset=utf-8")
				resp, err := rt.RoundTrip(req)
				if err != nil {
					b.Error(err)
					return
				}
				_, err = io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
				if err != nil || resp.StatusCode != http.StatusOK {
					b.Errorf("status %d, %v", resp.StatusCode, err)
					return
				}
			}
		})
	}
	all.Wait()
	return time.Since(start)
}

// BenchmarkCallPaired runs the bare http.Transport and the engine in turn, in
// short stretches. raw/engine is the engine's requests per second as a share of
// the bare transport's: the median of all pairs, so that a busy moment of the
// machine counts once.
func BenchmarkCallPaired(b *testing.B) {
	for _, goroutines := range []int{1, 64} {
		b.Run(fmt.Sprint(goroutines), func(b *testing.B) {
			s := serve(b, nil)
			s.http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				answer(w, "ok")
			})
			raw := newBase(10 * time.Second)
			raw.DialContext = nil
			defer raw.CloseIdleConnections()
			engine, err := New(Static(s.URL), Options{Logger: slog.New(slog.DiscardHandler)})
			if err != nil {
				b.Fatal(err)
			}
			defer engine.Close()
			stretch := max(4, 128/goroutines)
			calls(b, raw, s.URL, goroutines, stretch)
			calls(b, engine, DefaultAddress, goroutines, stretch)
			var ratios []float64
			for b.Loop() {
				var rawTime, engineTime time.Duration
				if len(ratios)%2 == 0 {
					rawTime = calls(b, raw, s.URL, goroutines, stretch)
					engineTime = calls(b, engine, DefaultAddress, goroutines, stretch)
				} else {
					engineTime = calls(b, engine, DefaultAddress, goroutines, stretch)
					rawTime = calls(b, raw, s.URL, goroutines, stretch)
				}
				ratios = append(ratios, float64(rawTime)/float64(engineTime))
			}
			slices.Sort(ratios)
			b.ReportMetric(ratios[len(ratios)/2], "raw/engine")
		})
	}
}

// BenchmarkCall counts allocations, of client and server together.
func BenchmarkCall(b *testing.B) {
	s := serve(b, nil)
	s.http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		answer(w, "ok")
	})
	raw := newBase(10 * time.Second)
	defer raw.CloseIdleConnections()
	engine, err := New(Static(s.URL), Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	defer engine.Close()
	for name, c := range map[string]struct {
		rt  http.RoundTripper
		url string
	}{"raw": {raw, s.URL}, "engine": {engine, DefaultAddress}} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			calls(b, c.rt, c.url, 1, b.N)
		})
	}
}
