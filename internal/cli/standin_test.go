package cli

import (
	"bufio"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// piped runs standin in this process, and returns its standard input and what it
// prints.
func piped(t *testing.T, args ...string) (in io.WriteCloser, out *bufio.Scanner, code chan int, stderr *lockedText) {
	t.Helper()
	fromUser, in := io.Pipe()
	toUser, to := io.Pipe()
	code, stderr = make(chan int, 1), &lockedText{}
	go func() {
		code <- Main(Env{Args: append([]string{"standin"}, args...), Stdin: fromUser, Stdout: to, Stderr: stderr, LookupEnv: lookup(nil), Now: time.Now})
		to.Close()
	}()
	t.Cleanup(func() { in.Close() })
	return in, bufio.NewScanner(toUser), code, stderr
}

// lockedText is a text that is written and read at the same time.
type lockedText struct{ lines chan string }

func (l *lockedText) Write(p []byte) (int, error) {
	if l.lines != nil {
		l.lines <- string(p)
	}
	return len(p), nil
}

// until reads lines up to one that holds a text.
func until(t *testing.T, out *bufio.Scanner, text string) (lines []string) {
	t.Helper()
	for out.Scan() {
		lines = append(lines, out.Text())
		if strings.Contains(out.Text(), text) {
			return lines
		}
	}
	t.Fatalf("the output ended before %q:\n%s", text, strings.Join(lines, "\n"))
	return nil
}

// standing tells whether the discovery service of a stand-in answers at all.
func standing(t *testing.T, environment string) bool {
	t.Helper()
	url := regexp.MustCompile(`FAILOVER_1_DISCOVERY_URL='(http://[^']*)'`).FindStringSubmatch(environment)
	if url == nil {
		t.Fatalf("no discovery URL in\n%s", environment)
	}
	answer, err := http.Get(url[1] + "/cluster/discovery?token=" + regexp.MustCompile(`FAILOVER_1_TOKEN=(\w*)`).FindStringSubmatch(environment)[1])
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	var nodes []map[string]string
	if err := json.NewDecoder(answer.Body).Decode(&nodes); err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", nodes[0]["public-address"])
	if err == nil {
		conn.Close()
	}
	return err == nil
}

func TestStandInsStayUpAndObeyLines(t *testing.T) {
	folder(t)
	newProject(t)
	in, out, code, _ := piped(t, "orders")
	environment := strings.Join(until(t, out, "# in another terminal"), "\n")
	for _, want := range []string{"export FAILOVER_HOME=", "export FAILOVER_2_KEYSTORE_PASSWORD=changeit", "# up: 1 pr-"} {
		if !strings.Contains(environment, want) {
			t.Errorf("%q is missing in\n%s", want, environment)
		}
	}
	if !standing(t, environment) {
		t.Error("the first stand-in is not up")
	}
	for _, step := range []struct {
		line, says string
		up         bool
	}{{"kill 1", "kill  cluster 1 (pr-", false}, {"restart 1", "restart  cluster 1 (pr-", true}, {"freeze 2", "freeze  cluster 2 (pr-", true}, {"status", "frozen, 0 connections", true}} {
		io.WriteString(in, step.line+"\n")
		until(t, out, step.says)
		if up := standing(t, environment); up != step.up {
			t.Errorf("%s: up is %v", step.line, up)
		}
	}
	io.WriteString(in, "quit\n")
	if got := <-code; got != 0 || standing(t, environment) {
		t.Errorf("exit %d, and still up: %v", got, standing(t, environment))
	}
	home := regexp.MustCompile(`FAILOVER_HOME=(\S*)`).FindStringSubmatch(environment)[1]
	if _, err := os.Stat(home); !os.IsNotExist(err) {
		t.Errorf("%s is left behind", home)
	}
}

func TestStandInsWriteTheirEnvironment(t *testing.T) {
	dir := folder(t)
	newProject(t)
	in, out, code, _ := piped(t, "orders", "--env", "stand-ins.env")
	if said := until(t, out, "# in another terminal: . ./stand-ins.env; cd orders && go run ."); len(said) != 2 {
		t.Errorf("it also prints\n%s", strings.Join(said, "\n"))
	}
	path := filepath.Join(dir, "stand-ins.env")
	text, err := os.ReadFile(path)
	info, infoErr := os.Stat(path)
	if err != nil || infoErr != nil || info.Mode().Perm() != 0o600 || !standing(t, string(text)) {
		t.Errorf("%v, %v, %v\n%s", err, infoErr, info.Mode(), text)
	}
	if r := run(t, nil, "standin", "orders", "--env", "stand-ins.env"); r.code != 2 || !strings.Contains(r.stderr, "stand-ins.env: exists already") {
		t.Errorf("%+v", r)
	}
	io.WriteString(in, "quit\n")
	if got := <-code; got != 0 {
		t.Errorf("exit %d", got)
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Error("the file is left behind")
	}
}

func TestStandInsRefuseWhatTheyDoNotKnow(t *testing.T) {
	folder(t)
	newProject(t)
	in, out, code, stderr := piped(t, "orders")
	stderr.lines = make(chan string, 10)
	until(t, out, "# in another terminal")
	for line, want := range map[string]string{
		"kill 3": "there is no cluster 3; give a number from 1 to 2\n", "kill x": "there is no cluster 0;",
		"burn 1": `there is no "burn"; choose from kill, freeze, blackhole, reset, restart`,
	} {
		io.WriteString(in, line+"\n")
		if got := <-stderr.lines; !strings.HasPrefix(got, want) {
			t.Errorf("%s: got %q, want %q", line, got, want)
		}
	}
	io.WriteString(in, "kill 1\nfreeze 1\n")
	until(t, out, "kill  cluster 1")
	if got := <-stderr.lines; !strings.Contains(got, "is killed; restart it first") {
		t.Errorf("freeze after kill: %q", got)
	}
	io.WriteString(in, "quit\n")
	if got := <-code; got != 0 {
		t.Errorf("exit %d", got)
	}
}
