// Command pulumi-resource-random is a stand-in for the plugin of the npm SDK @pulumi/random, whose source is on no Go
// module proxy. It serves RandomPassword, RandomString, RandomId and RandomUuid with the properties and the behaviour
// that upstream documents for them, except the deprecated input "number". It serves no other resource of that SDK.
package main

import (
	"context"
	"log"
	"math"
	"slices"
	"strings"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"homelab.example/plugins/internal/sdk"
)

const name = "random"

// Outputs that no input has the name of; the rest of a state is the inputs, with the defaults filled in.
var outputs = []string{"b64Std", "b64Url", "bcryptHash", "dec", "hex", "number", "result"}

func provider() (p.Provider, error) {
	served, err := infer.NewProviderBuilder().WithResources(
		infer.Resource(&RandomPassword{}),
		infer.Resource(&RandomString{}),
		infer.Resource(&RandomId{}),
		infer.Resource(&RandomUuid{}),
	).Build()
	if err != nil {
		return p.Provider{}, err
	}
	check, diff, read := served.Check, served.Diff, served.Read
	served.Check = func(ctx context.Context, r p.CheckRequest) (p.CheckResponse, error) {
		checked, err := check(ctx, r)
		checked.Failures = append(checked.Failures, fractions(r.Inputs)...)
		return checked, err
	}
	// A value is replaced when an input differs from what it was made with. That is in the state, also in one that the
	// real plugin wrote; its recorded inputs lack the defaults, and here that would look like a change.
	served.Diff = func(ctx context.Context, r p.DiffRequest) (p.DiffResponse, error) {
		r.State = madeWith(r.State)
		r.OldInputs = r.State
		return diff(ctx, r)
	}
	// There is nothing outside of the state that a refresh could look at. Without a state this is an import.
	served.Read = func(ctx context.Context, r p.ReadRequest) (p.ReadResponse, error) {
		if r.Properties.Len() > 0 {
			return p.ReadResponse{ID: r.ID, Properties: r.Properties, Inputs: r.Inputs}, nil
		}
		imported, err := read(ctx, r)
		if hash, has := imported.Properties.GetOk("bcryptHash"); has {
			result := imported.Properties.Get("result")
			imported.Properties = imported.Properties.
				Set("bcryptHash", hash.WithSecret(true)).Set("result", result.WithSecret(true))
		}
		return imported, err
	}
	return served, nil
}

// fractions refuses what would silently lose its fraction.
func fractions(inputs property.Map) (found []p.CheckFailure) {
	for name, value := range inputs.AllStable {
		if value.IsNumber() && value.AsNumber() != math.Trunc(value.AsNumber()) {
			found = append(found, p.CheckFailure{Property: name, Reason: "must be a whole number"})
		}
	}
	return found
}

// madeWith is the inputs in a state.
func madeWith(state property.Map) property.Map {
	inputs := map[string]property.Value{}
	for name, value := range state.All {
		if !slices.Contains(outputs, name) && !strings.HasPrefix(name, "__") {
			inputs[name] = value
		}
	}
	return property.NewMap(inputs)
}

func main() {
	served, err := provider()
	if err != nil {
		log.Fatal(err)
	}
	if err := p.RunProvider(context.Background(), name, sdk.Random, served); err != nil {
		log.Fatal(err)
	}
}
