// Package golden holds the command line to cases: what users type, what they
// get back, and what is on the disk afterwards. It runs the real command line
// in a process and a folder of its own, and looks at it from outside only. It
// knows nothing of how failover-gen works and holds no code but tests.
//
// A case is a txtar archive in testdata/cases. Its comment is the promise that
// the case keeps. What follows is given, done and expected, in this order:
//
//	-- primary.zip <- bundles/pr-1234.txtar --
//	-- primary.zip/pom.xml --
//	...
//	-- cmd --
//	failover-gen generate --primary primary.zip ...
//	-- stdout --
//	-- stderr --
//	-- exit --
//	0
//	-- tree --
//	+ -rw-r--r-- orders/main.go
//	-- orders/clusters.go --
//	...
//
// Given files stand before cmd. What lies under a name that ends in .zip,
// .tar.gz or .tgz is packed, always to the same bytes. "NAME <- SOURCE" stands
// for a file of testdata, or for all files of a .txtar there; a file given later
// under the same name replaces it.
//
// If testdata has no such file, SOURCE is a file of this repository. A Go file
// then stands for its copy in the project that NAME lies in: our import paths
// are replaced by the project's, and the result is formatted. In
//
//	-- orders/load.go <- templates/hazelcast/load.go with header --
//
// the copy has the header of generated files as well.
//
// The lines of cmd are run one after the other; words may stand in single
// quotes. The last line is what the case is about: stdout, stderr and exit are
// its alone, and absent where empty. A failover-gen before it must succeed, or
// fail if a "!" stands before it. Settings as NAME=value may stand before
// failover-gen; FAILOVER_GOLDEN_* are those of child_test.go. The other
// commands are: append FILE TEXT (a line), cp FROM TO, rm PATH, mkdir PATH,
// chmod MODE PATH, ln TARGET LINK.
//
// The tree lists all that is not there as it was given, with modes: "+" was
// made by the last command, "~" replaced, "-" removed, and "=" is as it was
// before it, not even written again. Files after the tree are shown with their
// content.
//
// The case generate-whole-project, and only that, shows every line of the tree
// and the content of every file. In all other cases a folder named internal is
// one line, as in
//
//	= drwxr-xr-x orders/internal/...
//
// where the mark holds for the folder and for all in it, and all modes are the
// usual ones; otherwise each path in it has its line. In the same way ten or
// more lines of stdout that differ only in a path below internal are one line
// with internal/..., and "35 files" is "NN files". So a new template changes one
// case, and not forty.
//
// A SHA-256 that is that of a file of the tree is shown as "(sha256 of NAME)";
// the digest of all templates in failover.lock is shown as words. Recording
// writes both by itself, and "NAME <- SOURCE" where a file equals its source.
//
// After a change that is meant, record the cases with
//
//	go test ./golden -update
//
// which builds and vets each project that it records, and read the difference.
//
// The stores in testdata/stores are made by makestores.
package golden
