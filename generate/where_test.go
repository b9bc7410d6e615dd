package generate

import (
	"os"
	"path/filepath"
	"testing"
)

func TestWhereAProjectMayLie(t *testing.T) {
	base := t.TempDir()
	for _, d := range []string{"bundle/src", "beside"} {
		if err := os.MkdirAll(filepath.Join(base, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Join(base, "bundle"), filepath.Join(base, "link")); err != nil {
		t.Fatal(err)
	}
	in := func(name string) string { return filepath.Join(base, name) }
	for dir, inside := range map[string]bool{"bundle": true, "bundle/x/y": true, "link/x": true, "beside/x": false, "bundle2": false} {
		err := Outside(in(dir), []string{in("bundle")})
		if (err != nil) != inside {
			t.Errorf("%s: %v", dir, err)
		}
	}
	if rel, err := Relative(in("link/x"), in("beside/b.zip")); err != nil || rel != "../../beside/b.zip" {
		t.Errorf("%q %v", rel, err)
	}
	for dir, bundle := range map[string]string{"link/x": "../b.zip", "beside": "../link/b.zip", "new/deep": "../../link/b.zip"} {
		if rel, err := Relative(in(dir), in("link/b.zip")); err != nil || rel != bundle {
			t.Errorf("from %s: %q %v, want %q", dir, rel, err, bundle)
		}
	}
	if err := os.Symlink(filepath.Join(base, "bundle/src"), filepath.Join(base, "beside/src")); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"bundle/src", "beside/src"} { // the same folder
		if got, err := Located(in(dir), "../../beside/b.zip"); err != nil || got != in("beside/b.zip") {
			t.Errorf("from %s: %q %v", dir, got, err)
		}
	}
	if m, err := DefaultModule(in("My Orders")); err != nil || m != "example.com/my-orders" {
		t.Errorf("%q %v", m, err)
	}
}
