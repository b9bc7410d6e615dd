package wizard

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/failover-gen/failover-gen/internal/bundle"
	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/spec"
)

// ErrService says that the first bundle is the file of a web service's client, so that
// the questions are those of AskService. Service.From names it.
var ErrService = errors.New("the bundle is of a web service")

// Service are the answers that only a project for a web service has.
type Service struct {
	From               string   // the XML file; empty for none
	Endpoints, Servers []string // given, or listed by these servers of ZooKeeper
	FabricPath         string   // below which they are listed
	Select, Replay     string

	hasSecret bool // the XML file has one
}

// The places where endpoints can be listed, as options.
const (
	inXML       = "in a Spring or Blueprint file"
	inZooKeeper = "in ZooKeeper"
	givenHere   = "nowhere: I type them"
)

// AskService asks all questions of a project for a web service.
func (w *Wizard) AskService(ctx context.Context) error {
	s := &w.Service
	if err := w.askSource(ctx); err != nil {
		return err
	}
	questions := []question{
		{flag: "--set failover.select", text: "Select", answer: &s.Select, preset: preset(spec.SelectSticky), choices: []choice{
			{spec.SelectSticky, "stay with an endpoint until it fails"},
			{spec.SelectFirst, "begin each call at the first one, as Java does"}}},
		{flag: "--set failover.replay", text: "Replay", answer: &s.Replay, preset: preset(spec.ReplayUnsent), choices: []choice{
			{spec.ReplayUnsent, "repeat a call only if none of it was sent"},
			{spec.ReplayIdempotent, "and those whose HTTP method may be repeated"},
			{spec.ReplayAlways, "repeat every call, which can carry it out twice"}}},
	}
	for _, q := range w.questions() {
		ofClusters := slices.Contains([]string{"--layout", "--standby", "--failback"}, q.flag)
		if !ofClusters && (q.flag != "--secrets" || s.hasSecret) {
			questions = append(questions, q)
		}
	}
	for _, q := range questions {
		if w.isGiven(q.flag) {
			continue
		}
		if err := w.askOne(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

func preset(value string) func() (string, error) {
	return func() (string, error) { return value, nil }
}

// isGiven reports whether a question is answered by a flag, or by a value of --set.
func (w *Wizard) isGiven(flag string) bool {
	key, ofSet := strings.CutPrefix(flag, "--set ")
	if !ofSet {
		return slices.Contains(w.Given, flag)
	}
	return slices.ContainsFunc(w.Answers.Set, func(set string) bool { return strings.HasPrefix(set, key+"=") || set == "failover.compat=true" })
}

// askSource asks where the endpoints are listed, unless that is given.
func (w *Wizard) askSource(ctx context.Context) error {
	s := &w.Service
	if s.From != "" {
		w.Say("Spring or Blueprint file: " + filepath.ToSlash(s.From))
		return w.readXML(s.From)
	}
	if len(s.Endpoints) > 0 || s.FabricPath != "" {
		return nil
	}
	places := []string{inXML, inZooKeeper, givenHere}
	i, err := w.Select("Where are the endpoints listed?", places, 0)
	if err = w.left(ctx, err); err != nil {
		return err
	}
	switch places[i] {
	case inXML:
		return w.until(ctx, "Path of the file", "", func(typed string) error {
			s.From = typedPath(typed, w.Home)
			return w.readXML(s.From)
		})
	case inZooKeeper:
		if !w.isGiven("--registry-address") {
			if err := w.until(ctx, "ZooKeeper servers", "localhost:2181", w.listOf(&s.Servers, "addresses")); err != nil {
				return err
			}
		}
		return w.until(ctx, "Path of the list, below /fabric/cxf/endpoints", "", func(typed string) error {
			s.FabricPath = typed
			return refusedByService("fabricPath")(typed)
		})
	}
	return w.askEndpoints(ctx)
}

// until asks for a text until take takes it.
func (w *Wizard) until(ctx context.Context, question, preset string, take func(typed string) error) error {
	for {
		typed, err := w.Input(question, preset, nil)
		if err = w.left(ctx, err); err != nil {
			return err
		}
		if err = take(typed); err == nil {
			return nil
		}
		w.explain(err)
	}
}

// askEndpoints asks for two endpoints, and for more while there are any.
func (w *Wizard) askEndpoints(ctx context.Context) error {
	s := &w.Service
	for n := 1; ; n++ {
		if n > 2 {
			more, err := w.Confirm("Another endpoint?", false)
			if err = w.left(ctx, err); err != nil || !more {
				return err
			}
		}
		question := fmt.Sprintf("URL of endpoint %d", n)
		if err := w.until(ctx, question, "", func(typed string) error {
			together := append(slices.Clone(s.Endpoints), typed)
			err := refusedByService("endpoints")(strings.Join(together, ","))
			if err == nil {
				s.Endpoints = together
			}
			return err
		}); err != nil {
			return err
		}
	}
}

// listOf takes a list with commas between its items.
func (w *Wizard) listOf(into *[]string, key string) func(string) error {
	return func(typed string) error {
		*into = nil
		for item := range strings.SplitSeq(typed, ",") {
			*into = append(*into, strings.TrimSpace(item))
		}
		return refusedByService(key)(typed)
	}
}

// refusedByService says why failover.yaml of a web service cannot hold an answer.
func refusedByService(key string) func(string) error {
	return func(answer string) error {
		s := spec.DefaultOf(spec.KindWebservice)
		if f := s.Set(key, answer); f != nil {
			return f
		}
		return nil
	}
}

// isOfService reports whether the user named the file of a web service's client.
func isOfService(path string) bool {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || !hasEnding(path, ".xml") {
		return false
	}
	b, err := bundle.Read(path)
	return err == nil && b.Registry != nil
}

// readXML reads the file of a web service's client, and shows what it says.
func (w *Wizard) readXML(path string) error {
	o := bundle.Overrides{}
	for _, set := range w.Answers.Set {
		if _, key, dotted := strings.Cut(set, "."); dotted {
			key, _, _ = strings.Cut(key, "=")
			o.Fields = append(o.Fields, key)
		}
	}
	b, err := bundle.ReadWith(path, o)
	if err != nil {
		return err
	}
	if b.Registry == nil {
		return fault.New(fault.Input, fault.In(b.Path), "sets up Hazelcast clusters, and no failover of a web service", "give the file with the FabricFailOverFeature")
	}
	r := b.Registry
	addresses, exceptions := "localhost:2181, the default", spec.IOException
	if list := textsOf(r.Addresses); len(list) > 0 {
		addresses = strings.Join(list, ", ")
	}
	if list := textsOf(r.Exceptions); len(list) > 0 {
		exceptions = strings.Join(list, ", ")
	}
	w.tell("  registry    ", addresses)
	w.tell("  path        ", r.FabricPath.Text)
	w.tell("  exceptions  ", exceptions)
	if w.Service.hasSecret = r.Password.Present(); w.Service.hasSecret {
		w.tell("  password    ", "present, of the user "+r.User.Text)
	}
	for _, line := range slices.Concat(b.Warnings, r.NoEffect) {
		w.tell("  warning     ", line)
	}
	return nil
}

func textsOf(values []bundle.Value) (list []string) {
	for _, v := range values {
		list = append(list, v.Text)
	}
	return list
}
