package tree

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/failover-gen/failover-gen/internal/fault"
)

const (
	keystore1 = "resources/client.keystore"
	keystore2 = "resources/client2.keystore"
	password1 = "FAILOVER_1_KEYSTORE_PASSWORD"
	token1    = "FAILOVER_1_TOKEN"
)

// env changes a key in the .env of dir; "" removes its line.
func env(t *testing.T, dir, key, value string) {
	t.Helper()
	var lines []string
	for line := range strings.Lines(read(t, dir, Dotenv)) {
		if strings.HasPrefix(line, key+"=") && value == "" {
			continue
		}
		if strings.HasPrefix(line, key+"=") {
			line = key + "=" + value + "\n"
		}
		lines = append(lines, line)
	}
	write(t, dir, Dotenv, strings.Join(lines, ""))
}

func TestTheBundlesSecretsFollowTheBundle(t *testing.T) {
	t.Parallel()
	dir := create(t, newProject())
	p := newProject().with(map[string]string{keystore1: "new key", password1: "new pass"})
	actions, err := apply(t, dir, p, Options{})
	if err != nil {
		t.Fatal(err)
	}
	wantActions(t, actions, map[string]Action{keystore1: Update, Dotenv: Update, memoryPath: Update})
	if got := read(t, dir, keystore1); got != "new key" {
		t.Errorf("the keystore is %q", got)
	}
	if got := read(t, dir, Dotenv); !strings.Contains(got, password1+"='new pass'\n") {
		t.Errorf(".env is %q", got)
	}
}

func TestWhatTheOperatorRenewedStays(t *testing.T) {
	t.Parallel()
	dir := create(t, newProject())
	write(t, dir, keystore1, "renewed key")
	env(t, dir, password1, "renewed # by Ada")
	before := snapshot(t, dir)
	for range 2 {
		actions, err := apply(t, dir, newProject(), Options{})
		if err != nil || len(actions) > 0 {
			t.Fatalf("%v, %v", actions, err)
		}
	}
	sameTree(t, snapshot(t, dir), before)
	said := reasons(t, dir, newProject())
	if said[keystore1] != "yours, kept" || said[Dotenv] != password1+": yours, kept" {
		t.Errorf("it is said: %v", said)
	}
	// Something else in the bundle changes: what has nothing to do with it is replaced.
	if _, err := apply(t, dir, newProject().with(map[string]string{token1: "new token"}), Options{}); err != nil {
		t.Fatal(err)
	}
	if got := read(t, dir, Dotenv); !strings.Contains(got, token1+"='new token'") || !strings.Contains(got, password1+"=renewed # by Ada") {
		t.Errorf(".env is %q", got)
	}
}

func TestWhatBothChangedIsAskedAboutOnce(t *testing.T) {
	t.Parallel()
	dir := create(t, newProject())
	write(t, dir, keystore1, "renewed key")
	env(t, dir, token1, "renewed")
	p := newProject().with(cold).with(map[string]string{keystore1: "new key", password1: "new pass", token1: "new token"})
	before := snapshot(t, dir)
	actions, err := apply(t, dir, p, Options{})
	if fault.ExitCode(err) != 1 || len(fault.All(err)) != 3 {
		t.Errorf("error %v", err)
	}
	hasLine(t, err, filepath.ToSlash(dir)+"/"+keystore1+": was renewed here, and the bundle has changed too, so nothing was replaced; compare it with client.keystore.new", "--force takes what the bundle has")
	hasLine(t, err, filepath.ToSlash(dir)+"/.env:", password1+" goes with client.keystore, which was renewed or removed here, and the bundle has changed too")
	hasLine(t, err, filepath.ToSlash(dir)+"/.env:", token1+" was renewed here")
	wantActions(t, actions, map[string]Action{keystore1: Conflict, "clusters.go": Conflict, memoryPath: Update})
	after := snapshot(t, dir)
	if got := after[keystore1+".new"]; got != "-rw------- new key" {
		t.Errorf("client.keystore.new is %q", got)
	}
	for _, name := range []string{keystore1 + ".new", "clusters.go.new", memoryPath} {
		delete(after, name)
		delete(before, name)
	}
	sameTree(t, after, before)

	// To run again means: keep mine. The password belongs to the keystore.
	if _, err := apply(t, dir, p, Options{}); err != nil {
		t.Fatal(err)
	}
	if got := read(t, dir, keystore1); got != "renewed key" {
		t.Errorf("the keystore is %q", got)
	}
	if got := read(t, dir, Dotenv); !strings.Contains(got, password1+"='pass one'") || !strings.Contains(got, token1+"=renewed\n") {
		t.Errorf(".env is %q", got)
	}
	if got := read(t, dir, "clusters.go"); got != cold["clusters.go"] {
		t.Errorf("clusters.go is %q", got)
	}
	// A bundle that changes once more is asked about once more.
	if _, err := apply(t, dir, p.with(map[string]string{token1: "newer token"}), Options{}); fault.ExitCode(err) != 1 {
		t.Errorf("error %v", err)
	}
}

func TestForceTakesTheBundles(t *testing.T) {
	t.Parallel()
	dir := create(t, newProject())
	whole := snapshot(t, dir)
	write(t, dir, keystore1, "renewed key")
	env(t, dir, token1, "renewed")
	if _, err := apply(t, dir, newProject(), Options{Force: true}); err != nil {
		t.Fatal(err)
	}
	sameTree(t, snapshot(t, dir), whole)
}

func TestWhatTheOperatorTookOverFromTheBundleIsNoConflict(t *testing.T) {
	t.Parallel()
	dir := create(t, newProject())
	write(t, dir, keystore1, "new key")
	p := newProject().with(map[string]string{keystore1: "new key"})
	if _, err := apply(t, dir, p, Options{}); err != nil {
		t.Fatal(err)
	}
	actions, err := apply(t, dir, p.with(map[string]string{keystore1: "newer key"}), Options{})
	if err != nil || actions[keystore1] != Update {
		t.Errorf("%v, %v", actions, err)
	}
}

func TestSecretsThatWereRemovedStayAway(t *testing.T) {
	t.Parallel()
	dir := create(t, newProject())
	remove(t, dir, keystore1)
	env(t, dir, token1, "")
	before := snapshot(t, dir)
	actions, err := apply(t, dir, newProject(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	wantActions(t, actions, map[string]Action{keystore1: Absent})
	sameTree(t, snapshot(t, dir), before)
	remove(t, dir, Dotenv)
	actions, err = apply(t, dir, newProject(), Options{})
	if err != nil || actions[Dotenv] != Absent {
		t.Errorf("%v, %v", actions, err)
	}
	if _, err := os.Stat(filepath.Join(dir, Dotenv)); err == nil {
		t.Error(".env came back")
	}
	// The bundle changes: the operator who removed the store must know.
	_, err = apply(t, dir, newProject().with(map[string]string{keystore1: "new key"}), Options{})
	hasLine(t, err, keystore1+": was removed here, and the bundle has changed too")
}

func TestAFreshCloneWorksWithoutSecrets(t *testing.T) {
	t.Parallel()
	dir := create(t, newProject())
	os.Remove(filepath.Join(dir, Dotenv))
	os.RemoveAll(filepath.Join(dir, "resources"))
	p := newProject().with(cold)
	for name := range p.secrets {
		p.without = append(p.without, name)
	}
	actions, err := apply(t, dir, p, Options{})
	if err != nil {
		t.Fatal(err)
	}
	wantActions(t, actions, map[string]Action{"clusters.go": Update, "failover.lock": Update, Dotenv: Absent, keystore1: Absent, keystore2: Absent})
	// Where the bundles are, the secrets come: nothing says that they were removed.
	actions, err = apply(t, dir, newProject().with(cold), Options{})
	if err != nil {
		t.Fatal(err)
	}
	wantActions(t, actions, map[string]Action{Dotenv: Create, keystore1: Create, keystore2: Create, memoryPath: Create})
}

func TestAProjectWithoutMemoryGuessesNothing(t *testing.T) {
	t.Parallel()
	dir := create(t, newProject())
	remove(t, dir, memoryPath)
	// Equal to the bundle: nothing to ask.
	if _, err := apply(t, dir, newProject(), Options{}); err != nil {
		t.Fatal(err)
	}
	remove(t, dir, memoryPath)
	p := newProject().with(map[string]string{keystore1: "new key", keystore2: "new key two"})
	w := p.want(t, dir)
	for i := range w.Secrets { // the lock tells of the first keystore, as those of older versions do
		if w.Secrets[i].Path == keystore1 {
			w.Secrets[i].LastSHA256 = Digest([]byte("key one"))
		}
	}
	_, err := Apply(context.Background(), dir, w, Options{})
	hasLine(t, err, keystore2+": was renewed here")
	if strings.Contains(err.Error(), keystore1) {
		t.Errorf("the lock tells that nothing was renewed: %v", err)
	}
}

func TestSecretsAreMadePrivate(t *testing.T) {
	t.Parallel()
	dir := create(t, newProject())
	whole := snapshot(t, dir)
	os.Chmod(filepath.Join(dir, Dotenv), 0o644)
	os.Chmod(filepath.Join(dir, keystore1), 0o640)
	actions, err := apply(t, dir, newProject(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	wantActions(t, actions, map[string]Action{Dotenv: Update, keystore1: Update})
	sameTree(t, snapshot(t, dir), whole)
}

func TestAKeyThatAFileGivesIsLeft(t *testing.T) {
	t.Parallel()
	dir := create(t, newProject())
	env(t, dir, token1, "")
	write(t, dir, Dotenv, read(t, dir, Dotenv)+token1+"_FILE=/run/secrets/token\n")
	actions, err := apply(t, dir, newProject().with(map[string]string{token1: "new token"}), Options{})
	if err != nil || len(actions) > 0 {
		t.Errorf("%v, %v", actions, err)
	}
}

// swapped is the project with its two clusters in the other order.
func swapped() *project {
	p := newProject()
	q := p.with(cold)
	for name, other := range map[string]string{keystore1: keystore2, password1: "FAILOVER_2_KEYSTORE_PASSWORD", token1: "FAILOVER_2_TOKEN"} {
		q.secrets[name], q.secrets[other] = p.secrets[other], p.secrets[name]
	}
	q.moves = Moves{
		Keys:  map[string]string{"FAILOVER_1_": "FAILOVER_2_", "FAILOVER_2_": "FAILOVER_1_"},
		Paths: map[string]string{keystore1: keystore2, keystore2: keystore1},
	}
	return q
}

func TestSecretsMoveWithTheirCluster(t *testing.T) {
	t.Parallel()
	for name, without := range map[string]bool{"with bundles": false, "without": true} {
		t.Run(name, func(t *testing.T) {
			dir := create(t, newProject())
			write(t, dir, keystore2, "renewed key two")
			env(t, dir, "FAILOVER_2_TOKEN", "renewed # two")
			write(t, dir, Dotenv, read(t, dir, Dotenv)+"# FAILOVER_1_NAME='x'\nFAILOVER_1_ADDRESSES=10.0.0.1:5701\nexport FAILOVER_2_USERNAME=u\nOTHER=1\n")
			p := swapped()
			if without {
				for name := range p.secrets {
					p.without = append(p.without, name)
				}
			}
			actions, err := apply(t, dir, p, Options{})
			if err != nil {
				t.Fatal(err)
			}
			want := map[string]Action{"clusters.go": Update, "failover.lock": Update, Dotenv: Update, keystore1: Update, keystore2: Update, memoryPath: Update}
			wantActions(t, actions, want)
			wantEnv := "FAILOVER_2_KEYSTORE_PASSWORD='pass one'\nFAILOVER_2_TOKEN='token one'\nFAILOVER_1_KEYSTORE_PASSWORD='pass two'\nFAILOVER_1_TOKEN=renewed # two\n" +
				"# FAILOVER_2_NAME='x'\nFAILOVER_2_ADDRESSES=10.0.0.1:5701\nexport FAILOVER_1_USERNAME=u\nOTHER=1\n"
			if got := read(t, dir, Dotenv); got != wantEnv {
				t.Errorf(".env is\n%s\nwant\n%s", got, wantEnv)
			}
			if a, b := read(t, dir, keystore1), read(t, dir, keystore2); a != "renewed key two" || b != "key one" {
				t.Errorf("the keystores are %q and %q", a, b)
			}
			// What was renewed is still known as such, and the rest as ours.
			q := swapped()
			q.moves = Moves{}
			q.secrets["FAILOVER_2_TOKEN"] = "new token one"
			actions, err = apply(t, dir, q, Options{})
			if err != nil || actions[Dotenv] != Update || actions[keystore1] != "" {
				t.Errorf("%v, %v", actions, err)
			}
		})
	}
}

func TestTheSecretsOfARemovedClusterAreNotLost(t *testing.T) {
	t.Parallel()
	p := newProject()
	p.secrets["resources/client3.keystore"], p.secrets["FAILOVER_3_TOKEN"] = "key three", "token three"
	dir := create(t, p)
	write(t, dir, keystore2, "renewed key two")
	q := newProject().with(cold)
	q.secrets[keystore2], q.secrets["FAILOVER_2_TOKEN"] = "key three", "token three"
	delete(q.secrets, "FAILOVER_2_KEYSTORE_PASSWORD")
	q.moves = Moves{
		Keys: map[string]string{"FAILOVER_3_": "FAILOVER_2_"}, Paths: map[string]string{"resources/client3.keystore": keystore2},
		Gone: []Gone{{Name: "pr-two", Prefix: "FAILOVER_2_", Paths: []string{keystore2}}},
	}
	said := reasons(t, dir, q)
	if got := said[Dotenv]; !strings.Contains(got, "FAILOVER_2_KEYSTORE_PASSWORD, FAILOVER_2_TOKEN: commented out, of pr-two, which is no longer in failover.yaml") {
		t.Errorf("of .env it is said: %q", got)
	}
	if _, err := apply(t, dir, q, Options{}); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{keystore2: "key three", keystore2 + ".removed": "renewed key two"} {
		if got := read(t, dir, name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "resources/client3.keystore")); err == nil {
		t.Error("client3.keystore is still there")
	}
	got := read(t, dir, Dotenv)
	for _, want := range []string{"# of pr-two, which is no longer in failover.yaml: FAILOVER_2_TOKEN='token two'\n", "\nFAILOVER_2_TOKEN='token three'\n"} {
		if !strings.Contains(got, want) {
			t.Errorf(".env is\n%s\nwant a line %q", got, want)
		}
	}
}

// A cluster in the place of another does not take over what the other had: that
// is set aside, and is not a conflict.
func TestAClusterThatReplacesAnotherGetsItsOwnSecrets(t *testing.T) {
	t.Parallel()
	dir := create(t, newProject())
	write(t, dir, keystore1, "renewed key")
	q := newProject().with(cold).with(map[string]string{keystore1: "key of pr-9", password1: "pass of pr-9", token1: "token of pr-9"})
	q.moves = Moves{Gone: []Gone{{Name: "pr-1", Prefix: "FAILOVER_1_", Paths: []string{keystore1}}}}
	if _, err := apply(t, dir, q, Options{}); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{keystore1: "key of pr-9", keystore1 + ".removed": "renewed key", keystore2: "key two"} {
		if got := read(t, dir, name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if got := read(t, dir, Dotenv); !strings.Contains(got, "\n"+token1+"='token of pr-9'\n") || !strings.Contains(got, "failover.yaml: "+token1+"='token one'\n") {
		t.Errorf(".env is\n%s", got)
	}
	q.moves = Moves{}
	if actions, err := apply(t, dir, q, Options{}); err != nil || len(actions) > 0 {
		t.Errorf("again: %v, %v", actions, err)
	}
}

// A new cluster before the others moves them, and takes over nothing of theirs.
func TestAClusterBeforeTheOthersGetsItsOwnSecrets(t *testing.T) {
	dir := create(t, newProject())
	write(t, dir, keystore1, "renewed key")
	q := newProject().with(cold).with(map[string]string{keystore1: "key of pr-9", password1: "pass of pr-9", token1: "token of pr-9",
		keystore2: "key one", "FAILOVER_2_KEYSTORE_PASSWORD": "pass one", "FAILOVER_2_TOKEN": "token one"})
	q.moves = Moves{Keys: map[string]string{"FAILOVER_1_": "FAILOVER_2_"}, Paths: map[string]string{keystore1: keystore2},
		Gone: []Gone{{Name: "pr-2", Prefix: "FAILOVER_2_", Paths: []string{keystore2}}}}
	if _, err := apply(t, dir, q, Options{}); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{keystore1: "key of pr-9", keystore2: "renewed key", keystore2 + ".removed": "key two"} {
		if got := read(t, dir, name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if got := read(t, dir, Dotenv); !strings.Contains(got, "\n"+token1+"='token of pr-9'\n") || !strings.Contains(got, "FAILOVER_2_TOKEN='token one'\n") {
		t.Errorf(".env is\n%s", got)
	}
	q.moves = Moves{}
	if actions, err := apply(t, dir, q, Options{}); err != nil || len(actions) > 0 {
		t.Errorf("again: %v, %v", actions, err)
	}
}

// A conflict found while clusters change places moves nothing.
func TestAConflictStopsAMove(t *testing.T) {
	t.Parallel()
	dir := create(t, newProject())
	write(t, dir, keystore2, "renewed key two")
	before := snapshot(t, dir)
	p := swapped()
	p.secrets[keystore1] = "new key two"
	if _, err := apply(t, dir, p, Options{}); fault.ExitCode(err) != 1 {
		t.Errorf("error %v", err)
	}
	after := snapshot(t, dir)
	if got := after[keystore2+".new"]; got != "-rw------- new key two" {
		t.Errorf("beside the keystore of cluster 2 so far stands %q", got)
	}
	for _, name := range []string{keystore2 + ".new", "clusters.go.new", memoryPath} {
		delete(after, name)
		delete(before, name)
	}
	sameTree(t, after, before)
	if _, err := apply(t, dir, p, Options{}); err != nil {
		t.Fatal(err)
	}
	if got := read(t, dir, keystore1); got != "renewed key two" {
		t.Errorf("client.keystore is %q", got)
	}
}
