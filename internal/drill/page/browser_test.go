package page

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// A browser is a headless Chromium. It is told what to do over a pipe, in messages
// of the DevTools protocol, each ended by a zero byte.
type browser struct {
	t       *testing.T
	to      io.Writer
	from    *bufio.Reader
	session string
	last    int
}

// newBrowser starts Chromium, or skips the test where there is none.
func newBrowser(t *testing.T) *browser {
	t.Helper()
	program, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("FAILOVER_REQUIRE_CHROMIUM") != "" {
			t.Fatal("FAILOVER_REQUIRE_CHROMIUM is set, but there is no chromium: ", err)
		}
		t.Skip("there is no chromium here; CI requires it with FAILOVER_REQUIRE_CHROMIUM=1")
	}
	theirIn, ourOut, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	ourIn, theirOut, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	// --no-sandbox: CI runs as root, and the page is our own.
	cmd := exec.Command(program, "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", "--user-data-dir="+t.TempDir())
	cmd.ExtraFiles = []*os.File{theirIn, theirOut} // 3 and 4
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	theirIn.Close()
	theirOut.Close()
	b := &browser{t: t, to: ourOut, from: bufio.NewReader(ourIn)}
	stuck := time.AfterFunc(2*time.Minute, func() { _ = cmd.Process.Kill() })
	t.Cleanup(func() {
		stuck.Stop()
		b.session = ""
		b.call("Browser.close", nil, nil)
		_ = cmd.Wait()
		ourOut.Close()
		ourIn.Close()
	})
	var target struct{ TargetID string }
	b.call("Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	var attached struct{ SessionID string }
	b.call("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &attached)
	b.session = attached.SessionID
	return b
}

// call calls a method and waits for its result. What Chromium tells meanwhile is
// not read.
func (b *browser) call(method string, params, result any) {
	b.t.Helper()
	b.last++
	message := map[string]any{"id": b.last, "method": method}
	if params != nil {
		message["params"] = params
	}
	if b.session != "" {
		message["sessionId"] = b.session
	}
	data, err := json.Marshal(message)
	if err == nil {
		_, err = b.to.Write(append(data, 0))
	}
	if err != nil {
		b.t.Fatalf("%s: %v", method, err)
	}
	for {
		data, err := b.from.ReadBytes(0)
		if err != nil {
			b.t.Fatalf("%s: chromium has ended: %v", method, err)
		}
		var answer struct {
			ID     int
			Result json.RawMessage
			Error  *struct{ Message string }
		}
		if err := json.Unmarshal(data[:len(data)-1], &answer); err != nil {
			b.t.Fatal(err)
		}
		switch {
		case answer.ID != b.last:
			continue
		case answer.Error != nil:
			b.t.Fatalf("%s: %s", method, answer.Error.Message)
		case result != nil:
			if err := json.Unmarshal(answer.Result, result); err != nil {
				b.t.Fatal(err)
			}
		}
		return
	}
}

// faultsOf is what is run beside the page, which holds no script itself. It returns
// what is cut off, overlaps or is hard to read.
const faultsOf = `(() => {
  const faults = [], name = e => '"' + e.textContent.slice(0, 40) + '"';
  const root = document.documentElement;
  for (const e of [root, ...document.querySelectorAll('.wide, td, th, dd, p, li')])
    if (e.scrollWidth > e.clientWidth && e.clientWidth > 0) faults.push('cut off: ' + e.tagName + ' ' + name(e) + ' ' + e.scrollWidth + ' > ' + e.clientWidth);
  for (const svg of document.querySelectorAll('svg')) {
    const box = svg.getBoundingClientRect(), texts = [...svg.querySelectorAll('text')];
    const boxes = texts.map(t => t.getBoundingClientRect());
    texts.forEach((t, i) => {
      const a = boxes[i];
      if (a.left < box.left || a.right > box.right || a.top < box.top || a.bottom > box.bottom) faults.push('outside its picture: ' + name(t));
      for (let j = i + 1; j < texts.length; j++) {
        const b = boxes[j], slack = 3;
        if (a.left < b.right - slack && b.left < a.right - slack && a.top < b.bottom - slack && b.top < a.bottom - slack) faults.push('overlap: ' + name(t) + ' and ' + name(texts[j]));
      }
    });
  }
  const channels = c => c.match(/[\d.]+/g).slice(0, 3).map(v => { v /= 255; return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; });
  const light = c => { const [r, g, b] = channels(c); return .2126 * r + .7152 * g + .0722 * b; };
  const ground = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if (c !== 'rgba(0, 0, 0, 0)') return c; } return 'rgb(255, 255, 255)'; };
  for (const e of document.querySelectorAll('h1, h2, h3, p, a, dt, dd, th, td, li, code, caption, figcaption, .picture text')) {
    const style = getComputedStyle(e), ink = e.closest('svg') ? style.fill : style.color;
    const [a, b] = [light(ink), light(ground(e))].sort((x, y) => y - x);
    if ((a + .05) / (b + .05) < 4.5) faults.push('contrast ' + ((a + .05) / (b + .05)).toFixed(1) + ': ' + name(e));
  }
  if (document.querySelectorAll('svg text').length < 20) faults.push('the pictures hold no text');
  return [...new Set(faults)];
})()`

// paper is how wide A4 is between the margins of the page, in pixels.
const paper = 680

// In a browser, at two widths, in both themes and on paper, nothing is cut off,
// nothing overlaps, and all text has the contrast that WCAG AA asks for.
func TestNothingIsCutOffInABrowser(t *testing.T) {
	b := newBrowser(t)
	for name, html := range map[string][]byte{"clusters": pageOf(t, "clusters"), "endpoints": pageOf(t, "endpoints"), "crowded": crowded(t)} {
		file := filepath.Join(t.TempDir(), name+".html")
		if err := os.WriteFile(file, html, 0o600); err != nil {
			t.Fatal(err)
		}
		for look, widths := range map[string][]int{"light": {800, 1600}, "dark": {800, 1600}, "print": {paper}} {
			for _, width := range widths {
				b.show(file, width, look)
				var got struct {
					Result struct{ Value []string }
				}
				b.call("Runtime.evaluate", map[string]any{"expression": faultsOf, "returnByValue": true}, &got)
				for _, fault := range got.Result.Value {
					t.Errorf("%s at %d px, %s: %s", name, width, look, fault)
				}
				b.shoot(fmt.Sprintf("%s-%d-%s.png", name, width, look))
			}
		}
	}
}

// show opens a file and waits until it is drawn.
func (b *browser) show(file string, width int, look string) {
	b.t.Helper()
	media, theme := "screen", look
	if look == "print" {
		media, theme = "print", "dark" // paper is light whatever the screen is
	}
	b.call("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false}, nil)
	b.call("Emulation.setEmulatedMedia", map[string]any{"media": media, "features": []map[string]string{{"name": "prefers-color-scheme", "value": theme}}}, nil)
	b.call("Page.navigate", map[string]any{"url": "file://" + filepath.ToSlash(file)}, nil)
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		var got struct {
			Result struct{ Value bool }
		}
		b.call("Runtime.evaluate", map[string]any{"expression": "document.readyState === 'complete' && location.protocol === 'file:'", "returnByValue": true}, &got)
		if got.Result.Value {
			return
		}
		if time.Now().After(end) {
			b.t.Fatalf("%s is not shown after 20 s", file)
		}
	}
}

// shoot keeps what is shown, with -shots FOLDER.
func (b *browser) shoot(name string) {
	b.t.Helper()
	if *shots == "" {
		return
	}
	var got struct{ Data string }
	b.call("Page.captureScreenshot", map[string]any{"captureBeyondViewport": true}, &got)
	data, err := base64.StdEncoding.DecodeString(got.Data)
	if err == nil {
		err = os.WriteFile(filepath.Join(*shots, name), data, 0o644)
	}
	if err != nil {
		b.t.Fatal(err)
	}
}
