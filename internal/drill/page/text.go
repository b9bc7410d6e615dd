package page

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/failover-gen/failover-gen/internal/drill"
)

// labelled is what a label stands for: numbers of moments.
type labelled struct {
	x       float64
	numbers []int
	what    string // said of a single moment only
}

func (l labelled) text() string {
	if len(l.numbers) > 1 {
		return numbers(l.numbers)
	}
	return numbers(l.numbers) + l.what
}

// span is where the label stands: around its moment, and inside the plot.
func (l labelled) span() (from, to float64) {
	w := textWidth(l.text())
	from = min(max(l.x-w/2, left), right-w)
	return from, from + w
}

// place puts labels beside each other. Those that would overlap become one.
func place(list []labelled) (labels []label) {
	var placed []labelled
	for _, l := range list {
		for len(placed) > 0 {
			before := placed[len(placed)-1]
			_, end := before.span()
			if from, _ := l.span(); from >= end+charWidth {
				break
			}
			l = labelled{(before.x + l.x) / 2, append(append([]int{}, before.numbers...), l.numbers...), ""}
			placed = placed[:len(placed)-1]
		}
		placed = append(placed, l)
	}
	for _, l := range placed {
		from, _ := l.span()
		labels = append(labels, label{number(from), l.text()})
	}
	return labels
}

// numbers writes a rising list of numbers with ranges: "1, 3–5". A long list ends
// in "…".
func numbers(list []int) string {
	const most = 4
	var parts []string
	for i := 0; i < len(list); {
		j := i
		for j+1 < len(list) && list[j+1] == list[j]+1 {
			j++
		}
		if len(parts) == most {
			return strings.Join(parts, ", ") + " …"
		}
		if j > i {
			parts = append(parts, fmt.Sprintf("%d–%d", list[i], list[j]))
		} else {
			parts = append(parts, strconv.Itoa(list[i]))
		}
		i = j + 1
	}
	return strings.Join(parts, ", ")
}

// columnsOf is how many characters a text takes. Characters from Hangul on are taken
// for wide ones.
func columnsOf(r rune) int {
	const firstWide = 0x1100
	if r >= firstWide {
		return 2
	}
	return 1
}

func textWidth(text string) float64 {
	n := 0
	for _, r := range text {
		n += columnsOf(r)
	}
	return float64(n) * charWidth
}

// fit cuts a text to the width of the plot.
func fit(text string) string {
	if textWidth(text) <= right-left {
		return text
	}
	w := textWidth("…")
	for i, r := range text {
		if w += textWidth(string(r)); w > right-left {
			return text[:i] + "…"
		}
	}
	return text
}

// clean replaces characters that are not seen, or that turn the direction of a line.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsGraphic(r) {
			return r
		}
		return unicode.ReplacementChar
	}, text)
}

// number is a position, to a tenth.
func number(x float64) string {
	text := strconv.FormatFloat(x, 'f', 1, 64)
	return strings.TrimSuffix(text, ".0")
}

// count is a number of writes with thousands set apart.
func count(n float64) string {
	text := strconv.FormatFloat(n, 'f', -1, 64)
	whole, rest, _ := strings.Cut(text, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if rest != "" {
		whole += "." + rest
	}
	return whole
}

// duration is a round time as people write it.
func duration(d time.Duration) string {
	text := ""
	switch abs := max(d, -d); {
	case d == 0:
		return "0"
	case abs >= time.Second:
		text = strconv.FormatFloat(d.Seconds(), 'f', -1, 64) + " s"
	default:
		text = strconv.FormatFloat(float64(d)/float64(time.Millisecond), 'f', -1, 64) + " ms"
	}
	return strings.Replace(text, "-", "−", 1)
}

// zeroOf is the instant from which times count: the first fault, or the start of
// the project where there was none.
func zeroOf(r drill.Result) time.Time {
	if r.Fault.IsZero() {
		return r.Course.Whole.From
	}
	return r.Fault
}

// since is the time of an instant since the first fault, in milliseconds.
func since(r drill.Result, t time.Time) string {
	ms := float64(t.Sub(zeroOf(r))) / float64(time.Millisecond)
	return strings.Replace(fmt.Sprintf("%.1f ms", ms), "-", "−", 1)
}
