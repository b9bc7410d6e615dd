// Package insecure shows the same in a web service's registry.
package insecure

import (
	"os"

	"example.com/foo/internal/registry"
)

// Bad.
func join() (*registry.Registration, error) {
	return registry.Register(registry.Config{User: "fabric", Password: "s3cret"}, "foo") // want `Config.Password is a constant`
}

// Good.
func watch() (*registry.Watcher, error) {
	return registry.Watch(registry.Config{User: "fabric", Password: registry.Secret(os.Getenv("REGISTRY_PASSWORD"))})
}
