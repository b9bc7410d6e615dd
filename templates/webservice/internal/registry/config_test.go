package registry

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestPathsAreBelowTheRoot(t *testing.T) {
	for given, want := range map[string]string{
		"demo/fo":    "/fabric/cxf/endpoints/demo/fo",
		"/demo/fo":   "/fabric/cxf/endpoints/demo/fo",
		"demo//fo/":  "/fabric/cxf/endpoints/demo/fo",
		"demo/été f": "/fabric/cxf/endpoints/demo/été f",
	} {
		c := Config{Addresses: []string{"h"}, Path: given}
		if err := c.complete(); err != nil || c.Path != want {
			t.Errorf("%q is %q, %v; want %q", given, c.Path, err, want)
		}
	}
}

func TestAddressesGetTheirPort(t *testing.T) {
	given := []string{"zk", "zk:1", " zk1.example.com:2182 ", "10.0.0.1", "[::1]:2183", "::1", "[::1]"}
	want := "zk:2181 zk:1 zk1.example.com:2182 10.0.0.1:2181 [::1]:2183 [::1]:2181 [::1]:2181"
	c := Config{Addresses: given, Path: "p"}
	if err := c.complete(); err != nil || strings.Join(c.Addresses, " ") != want {
		t.Errorf("they are %v, %v; want %s", c.Addresses, err, want)
	}
	if given[0] != "zk" {
		t.Errorf("the caller's list was changed: %v", given)
	}
}

func TestWrongConfigurationsAreRefused(t *testing.T) {
	for text, c := range map[string]Config{
		"no address":        {Path: "p"},
		"is not host:port":  {Addresses: []string{"zk:port"}, Path: "p"},
		`"a:1,b:1"`:         {Addresses: []string{"a:1,b:1"}, Path: "p"},
		`"zk:2181/chroot"`:  {Addresses: []string{"zk:2181/chroot"}, Path: "p"},
		`address ""`:        {Addresses: []string{""}, Path: "p"},
		`":2181"`:           {Addresses: []string{":2181"}, Path: "p"},
		"path is empty":     {Addresses: []string{"h"}, Path: "/"},
		`contains ".."`:     {Addresses: []string{"h"}, Path: "a/../b"},
		"control character": {Addresses: []string{"h"}, Path: "a\x00"},
		"no user":           {Addresses: []string{"h"}, Path: "p", Password: "hidden"},
		"colon":             {Addresses: []string{"h"}, Path: "p", User: "a:b", Password: "hidden"},
		"retry time is":     {Addresses: []string{"h"}, Path: "p", ConnectionRetryTime: -time.Second},
	} {
		err := Check(c)
		if err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("the error is %v, want one with %q", err, text)
		} else if strings.Contains(err.Error(), "hidden") {
			t.Errorf("the password shows: %v", err)
		}
		if _, watching := Watch(c); watching == nil || watching.Error() != err.Error() {
			t.Errorf("Watch says %v, want %v", watching, err)
		}
		if _, registering := Register(c, "cxf", "http://h/"); registering == nil || registering.Error() != err.Error() {
			t.Errorf("Register says %v, want %v", registering, err)
		}
	}
}

func TestOnlyURLsThatClientsCanCallAreRegistered(t *testing.T) {
	c := Config{Addresses: []string{"127.0.0.1:1"}, Path: "p"}
	for text, urls := range map[string][]string{
		"no URL":         nil,
		"without a host": {"http://h/", "http:///Foo"},
		`scheme ""`:      {"/Foo"},
		`scheme "local"`: {"local://foo"},
	} {
		if r, err := Register(c, "cxf", urls...); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("registering %q: %v, %v; want an error with %q", urls, r, err, text)
		}
	}
}

func TestSecretsDoNotShow(t *testing.T) {
	c := Config{User: "fabric", Password: "hidden"}
	encoded, err := json.Marshal(map[string]any{"password": c.Password})
	if text := fmt.Sprintf("%v %+v %#v %s %s %v", c, c, c, c.Password, encoded, err); strings.Contains(text, "hidden") || !strings.Contains(text, "(secret)") {
		t.Error(text)
	}
}
