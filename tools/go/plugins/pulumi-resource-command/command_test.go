package main

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/blang/semver"
	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/integration"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

const urn = resource.URN("urn:pulumi:lab::homelab::command:remote:Command::probe")

func plugin(t *testing.T) integration.Server {
	t.Helper()
	served, err := provider()
	if err != nil {
		t.Fatal(err)
	}
	server, err := integration.NewServer(context.Background(), name, semver.MustParse("1.2.1"),
		integration.WithProvider(served))
	if err != nil {
		t.Fatal(err)
	}
	return server
}

// inputs are the server's connection and the given properties, as the SDK sends them.
func inputs(s *sshServer, more map[string]property.Value) property.Map {
	c := s.connection()
	all := map[string]property.Value{
		"connection": property.New(map[string]property.Value{
			"host":       property.New(c.Host),
			"port":       property.New(float64(*c.Port)),
			"privateKey": property.New(*c.PrivateKey),
			"hostKey":    property.New(*c.HostKey),
		}).WithSecret(true),
	}
	maps.Copy(all, more)
	return property.NewMap(all)
}

func text(value string) property.Value { return property.New(value) }

func check(t *testing.T, plugin integration.Server, in property.Map) property.Map {
	t.Helper()
	checked, err := plugin.Check(p.CheckRequest{Urn: urn, Inputs: in})
	if err != nil || len(checked.Failures) > 0 {
		t.Fatalf("check: %v %v", err, checked.Failures)
	}
	return checked.Inputs
}

func create(t *testing.T, plugin integration.Server, in property.Map) (p.CreateResponse, error) {
	t.Helper()
	return plugin.Create(p.CreateRequest{Urn: urn, Properties: check(t, plugin, in)})
}

func TestCreateUpdateDeleteRunTheirCommandsWithThePreviousOutput(t *testing.T) {
	server, plugin := newServer(t), plugin(t)
	server.acceptEnv = []string{"PULUMI_COMMAND_STDOUT", "GREETING"}
	server.run = func(e execution) uint32 {
		fmt.Fprintf(e.stdout, "%s %s%s after %q\n", e.line, e.environment["GREETING"], e.stdin,
			e.environment["PULUMI_COMMAND_STDOUT"])
		return 0
	}
	in := inputs(server, map[string]property.Value{
		"create": text("make"), "update": text("mend"), "delete": text("drop"), "stdin": text("!"),
		"environment": property.New(map[string]property.Value{"GREETING": text("hello")}),
	})
	created, err := create(t, plugin, in)
	if err != nil {
		t.Fatal(err)
	}
	if got := created.Properties.Get("stdout").AsString(); got != `make hello! after ""` {
		t.Errorf("stdout is %q", got)
	}
	updated, err := plugin.Update(p.UpdateRequest{ID: created.ID, Urn: urn, State: created.Properties, Inputs: in})
	if err != nil {
		t.Fatal(err)
	}
	if got := updated.Properties.Get("stdout").AsString(); got != `mend hello! after "make hello! after \"\""` {
		t.Errorf("stdout is %q", got)
	}
	if err := plugin.Delete(p.DeleteRequest{ID: created.ID, Urn: urn, Properties: updated.Properties}); err != nil {
		t.Fatal(err)
	}
	if got := server.lines(); got != "make; mend; drop" {
		t.Errorf("ran %s", got)
	}
}

func TestUpdateFallsBackToCreateAndDeleteWithoutCommandDoesNothing(t *testing.T) {
	server, plugin := newServer(t), plugin(t)
	in := inputs(server, map[string]property.Value{"create": text("make")})
	created, err := create(t, plugin, in)
	if err != nil {
		t.Fatal(err)
	}
	updated, err := plugin.Update(p.UpdateRequest{ID: created.ID, Urn: urn, State: created.Properties, Inputs: in})
	if err != nil {
		t.Fatal(err)
	}
	if err := plugin.Delete(p.DeleteRequest{ID: created.ID, Urn: urn, Properties: updated.Properties}); err != nil {
		t.Fatal(err)
	}
	if got := server.lines(); got != "make; make" {
		t.Errorf("ran %s", got)
	}
}

func TestPreviewConnectsToNothing(t *testing.T) {
	server, plugin := newServer(t), plugin(t)
	in := inputs(server, map[string]property.Value{"create": text("make")})
	if _, err := plugin.Create(p.CreateRequest{Urn: urn, Properties: in, DryRun: true}); err != nil {
		t.Fatal(err)
	}
	if count := server.connections.Load(); count != 0 {
		t.Errorf("connected %d times", count)
	}
}

func TestOnlyChangedInputsDifferAndNewTriggersReplace(t *testing.T) {
	server, plugin := newServer(t), plugin(t)
	with := func(line string, triggers ...property.Value) property.Map {
		return inputs(server, map[string]property.Value{"create": text(line), "triggers": property.New(triggers)})
	}
	created, err := create(t, plugin, with("make", text("a")))
	if err != nil {
		t.Fatal(err)
	}
	old := check(t, plugin, with("make", text("a")))
	diff := func(in property.Map) map[string]p.PropertyDiff {
		diff, err := plugin.Diff(p.DiffRequest{
			ID: created.ID, Urn: urn, State: created.Properties, Inputs: check(t, plugin, in), OldInputs: old,
		})
		if err != nil {
			t.Fatal(err)
		}
		return diff.DetailedDiff
	}
	if same := diff(with("make", text("a"))); len(same) > 0 {
		t.Errorf("unchanged inputs differ: %v", same)
	}
	if changed := diff(with("remake", text("a"))); changed["create"].Kind != p.Update || len(changed) != 1 {
		t.Errorf("a changed command: %v", changed)
	}
	// The SDK turns a difference below triggers into a replacement.
	if changed := diff(with("make", text("b"))); changed["triggers[0]"].Kind == "" || len(changed) != 1 {
		t.Errorf("a changed trigger: %v", changed)
	}
	none := inputs(server, map[string]property.Value{"create": text("make")})
	if changed := diff(none); changed["triggers"].Kind != p.DeleteReplace {
		t.Errorf("triggers taken away: %v", changed)
	}
}

func TestOutputsAreSecretWhenTheCommandWasGivenASecret(t *testing.T) {
	server, plugin := newServer(t), plugin(t)
	for name, given := range map[string]map[string]property.Value{
		"":            {"create": text("make")},
		"create":      {"create": text("make").WithSecret(true)},
		"stdin":       {"create": text("make"), "stdin": text("x").WithSecret(true)},
		"environment": {"create": text("make"), "environment": property.New(map[string]property.Value{}).WithSecret(true)},
	} {
		created, err := create(t, plugin, inputs(server, given))
		if err != nil {
			t.Fatal(err)
		}
		for _, output := range []string{"stdout", "stderr"} {
			if secret := created.Properties.Get(output).Secret(); secret != (name != "") {
				t.Errorf("secret %q: is %s secret? %v", name, output, secret)
			}
		}
		if !created.Properties.Get("connection").Secret() {
			t.Error("the connection is in clear")
		}
	}
}

func TestAFailedCommandTellsItsStderrAndNoSecret(t *testing.T) {
	server, plugin := newServer(t), plugin(t)
	server.acceptEnv = []string{"TOKEN"}
	server.run = func(e execution) uint32 {
		fmt.Fprintf(e.stderr, "no such file\nread %s, TOKEN=%s\n", e.stdin, e.environment["TOKEN"])
		return 7
	}
	_, err := create(t, plugin, inputs(server, map[string]property.Value{
		"create": text("make --password hunter2hunter2"), "stdin": text("stdin-secret"),
		"environment": property.New(map[string]property.Value{"TOKEN": text("token-secret")}),
	}))
	if err == nil || !strings.Contains(err.Error(), "ended with exit code 7") ||
		!strings.Contains(err.Error(), "no such file") {
		t.Fatalf("got %v", err)
	}
	for _, secret := range []string{"stdin-secret", "token-secret", "hunter2", "PRIVATE KEY"} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("the error tells %s: %v", secret, err)
		}
	}
}

func TestARefusedVariableIsAnErrorAndARefusedPreviousOutputIsNot(t *testing.T) {
	server, plugin := newServer(t), plugin(t)
	server.run = func(e execution) uint32 { fmt.Fprintln(e.stdout, "done"); return 0 }
	in := inputs(server, map[string]property.Value{"create": text("make"), "delete": text("drop")})
	created, err := create(t, plugin, in)
	if err != nil {
		t.Fatal(err)
	}
	if err := plugin.Delete(p.DeleteRequest{ID: created.ID, Urn: urn, Properties: created.Properties}); err != nil {
		t.Errorf("delete: %v", err)
	}
	_, err = create(t, plugin, inputs(server, map[string]property.Value{
		"create":      text("make"),
		"environment": property.New(map[string]property.Value{"TOKEN": text("token-secret")}),
	}))
	if err == nil || !strings.Contains(err.Error(), "AcceptEnv") || strings.Contains(err.Error(), "token-secret") {
		t.Errorf("got %v", err)
	}
}

func TestCheckRefusesWhatCannotWork(t *testing.T) {
	server, plugin := newServer(t), plugin(t)
	in := inputs(server, map[string]property.Value{
		"logging": text("everything"),
		"connection": property.New(map[string]property.Value{
			"host": text("host"), "hostKey": text("SHA256:abc"),
			"proxy": property.New(map[string]property.Value{"host": text("bastion")}),
		}),
	})
	checked, err := plugin.Check(p.CheckRequest{Urn: urn, Inputs: in})
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, failure := range checked.Failures {
		found = append(found, failure.Property)
	}
	if got := strings.Join(found, " "); got != "logging connection.proxy connection.hostKey" {
		t.Errorf("refused %q", got)
	}
}
