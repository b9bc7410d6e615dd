package fabric

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/failover-gen/failover-gen/generate"
	"github.com/failover-gen/failover-gen/internal/spec"
	"github.com/failover-gen/failover-gen/internal/tree"
)

const module = "github.com/failover-gen/failover-gen/"

// The Go side: client and server of a generated project, and the program compare
// of this package's own. All are built once for all tests.
var goParts = sync.OnceValues(buildGo)

// goPart returns the path of a program of the Go side.
func goPart(t *testing.T, name string) string {
	t.Helper()
	dir, err := goParts()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, name)
}

func buildGo() (dir string, err error) {
	dir = filepath.Join(buildDir, "go")
	return dir, errors.Join(buildProject(dir), buildCompare(dir))
}

// fabricXML is the file of the Java client, as the documentation has it. It does
// not say where ZooKeeper is; the environment of the programs does.
const fabricXML = `<beans xmlns="http://www.springframework.org/schema/beans"
    xmlns:osgi="http://www.springframework.org/schema/osgi" xmlns:jaxws="http://cxf.apache.org/jaxws">
  <osgi:reference id="IZKClient" interface="org.linkedin.zookeeper.client.IZKClient"/>
  <bean id="failoverFeature" class="org.fusesource.fabric.cxf.FabricFailOverFeature">
    <property name="zkClient" ref="IZKClient"/>
    <property name="fabricPath" value="` + fabricPath + `"/>
  </bean>
  <jaxws:client id="foo" serviceClass="com.example.failover.Foo" address="http://dummyaddress">
    <jaxws:features><ref bean="failoverFeature"/></jaxws:features>
  </jaxws:client>
</beans>
`

// buildProject generates a project from the XML and builds its client and its
// server. Its loop calls at full speed; here it is made to pause, since calls.go is
// the user's to edit.
func buildProject(to string) error {
	xml, project := filepath.Join(buildDir, "fabric.xml"), filepath.Join(buildDir, "foo")
	if err := os.WriteFile(xml, []byte(fabricXML), 0o644); err != nil {
		return err
	}
	s := spec.DefaultOf(spec.KindWebservice)
	s.Module, s.Webservice.Bundle = "example.com/foo", "../fabric.xml"
	s.Webservice.SpellOut()
	made, err := generate.Project(context.Background(), generate.Request{Spec: &s, Bundles: []string{xml}})
	if err != nil {
		return err
	}
	if _, err := tree.Apply(context.Background(), project, &made.Want, tree.Options{}); err != nil {
		return err
	}
	calls := filepath.Join(project, "calls.go")
	was, err := os.ReadFile(calls)
	if err != nil {
		return err
	}
	const loop = "for ctx.Err() == nil {"
	paused := strings.Replace(string(was), loop, loop+" time.Sleep(50 * time.Millisecond);", 1)
	if paused == string(was) {
		return errors.New("calls.go has no loop " + loop)
	}
	if err := os.WriteFile(calls, []byte(paused), 0o644); err != nil {
		return err
	}
	for name, pkg := range map[string]string{"client": ".", "server": "./server"} {
		if _, err := run("go", "build", "-C", project, "-mod=readonly", "-o", filepath.Join(to, name), pkg); err != nil {
			return fmt.Errorf("the %s of the generated project does not build: %w", name, err)
		}
	}
	return nil
}

// buildCompare builds that program as if its source stood beside the template of
// a project, since only programs there may use the template's packages.
func buildCompare(to string) error {
	root, err := filepath.Abs("../..")
	if err != nil {
		return err
	}
	const program = "templates/webservice/compare"
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {
		filepath.Join(root, program, "main.go"): filepath.Join(root, "integration/fabric/testdata/go/compare.go.txt"),
	}})
	if err != nil {
		return err
	}
	file := filepath.Join(buildDir, "overlay.json")
	if err := os.WriteFile(file, overlay, 0o644); err != nil {
		return err
	}
	if _, err := run("go", "build", "-overlay", file, "-o", to+string(os.PathSeparator), module+program); err != nil {
		return fmt.Errorf("the program compare does not build: %w", err)
	}
	return nil
}
