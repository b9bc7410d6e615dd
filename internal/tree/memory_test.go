package tree

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestEqualPasswordsHaveDifferentDigests(t *testing.T) {
	q := newProject().with(map[string]string{"FAILOVER_1_TOKEN": "the same", "FAILOVER_2_TOKEN": "the same", "FAILOVER_1_KEYSTORE_PASSWORD": "the same"})
	memory := readMemory([]byte(read(t, create(t, q), memoryPath)))
	known := make(map[string]string)
	for key, x := range memory {
		if before := known[x.Written]; before != "" {
			t.Errorf("%s and %s have the digest %s", before, key, x.Written)
		}
		known[x.Written] = key
	}
	other := readMemory([]byte(read(t, create(t, q.with(map[string]string{"resources/client.keystore": "of other clusters", "resources/client2.keystore": "too"})), memoryPath)))
	for key, x := range other {
		if x.Written == memory[key].Written {
			t.Errorf("%s: the digest is that in another project", key)
		}
	}
}

// A file from before there was a salt is read as it is, and stays as it is: nothing
// counts as renewed. What is written anew gets a salt.
func TestAMemoryWithoutSaltIsRead(t *testing.T) {
	q := newProject()
	dir := create(t, q)
	old := make(memory)
	for i := range q.want(t, dir).Secrets {
		v := &q.want(t, dir).Secrets[i]
		name := v.Key
		if name == "" {
			name = v.Path
		}
		old[name] = remembered{Written: v.digestOf(v.Data, "")}
	}
	write(t, dir, memoryPath, string(old.marshal()))
	if actions, err := apply(t, dir, q, Options{}); err != nil || len(actions) > 0 {
		t.Errorf("the same again: %v, %v", actions, err)
	}
	q = q.with(map[string]string{"FAILOVER_2_TOKEN": "rotated"})
	if _, err := apply(t, dir, q, Options{}); err != nil {
		t.Fatal(err)
	}
	if got := read(t, dir, Dotenv); !strings.Contains(got, "FAILOVER_2_TOKEN='rotated'") {
		t.Errorf(".env is\n%s", got)
	}
	now := readMemory([]byte(read(t, dir, memoryPath)))
	if now["FAILOVER_2_TOKEN"].Salt == "" || now["FAILOVER_1_TOKEN"] != old["FAILOVER_1_TOKEN"] {
		text, _ := json.Marshal(now)
		t.Errorf("remembered: %s", text)
	}
}
