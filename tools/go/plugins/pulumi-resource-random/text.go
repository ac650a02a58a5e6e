package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"math/big"
	"unicode/utf8"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"golang.org/x/crypto/bcrypt"
)

// TextArgs are the inputs of RandomPassword and RandomString.
type TextArgs struct {
	Keepers         map[string]string `pulumi:"keepers,optional"`
	Length          int               `pulumi:"length"`
	Lower           *bool             `pulumi:"lower,optional"`
	MinLower        *int              `pulumi:"minLower,optional"`
	MinNumeric      *int              `pulumi:"minNumeric,optional"`
	MinSpecial      *int              `pulumi:"minSpecial,optional"`
	MinUpper        *int              `pulumi:"minUpper,optional"`
	Number          *bool             `pulumi:"number,optional"` // refused as an input; as an output the same as numeric
	Numeric         *bool             `pulumi:"numeric,optional"`
	OverrideSpecial *string           `pulumi:"overrideSpecial,optional"`
	Special         *bool             `pulumi:"special,optional"`
	Upper           *bool             `pulumi:"upper,optional"`
}

// Annotate sets the defaults that upstream documents.
func (t *TextArgs) Annotate(a infer.Annotator) {
	for _, wanted := range []**bool{&t.Lower, &t.Numeric, &t.Special, &t.Upper} {
		a.SetDefault(wanted, true)
	}
	for _, minimum := range []**int{&t.MinLower, &t.MinNumeric, &t.MinSpecial, &t.MinUpper} {
		a.SetDefault(minimum, 0)
	}
}

// kind is one kind of characters: the name it has in "min…", and what the inputs say about it.
type kind struct {
	name, characters string
	wanted           bool
	minimum          int
}

func (t *TextArgs) kinds() []kind {
	special := "!@#$%&*()-_=+[]{}<>:?"
	if t.OverrideSpecial != nil && *t.OverrideSpecial != "" {
		special = *t.OverrideSpecial
	}
	return []kind{
		{"Lower", "abcdefghijklmnopqrstuvwxyz", *t.Lower, *t.MinLower},
		{"Numeric", "0123456789", *t.Numeric, *t.MinNumeric},
		{"Special", special, *t.Special, *t.MinSpecial},
		{"Upper", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", *t.Upper, *t.MinUpper},
	}
}

// checkText refuses at preview what could only fail in the middle of an update.
func checkText(ctx context.Context, r infer.CheckRequest) (infer.CheckResponse[TextArgs], error) {
	args, failures, err := infer.DefaultCheck[TextArgs](ctx, r.NewInputs)
	if err == nil && len(failures) == 0 {
		if args.Number != nil {
			failures = append(failures, p.CheckFailure{Property: "number", Reason: "is deprecated; use numeric"})
		}
		if !property.New(r.NewInputs.Delete("keepers")).HasComputed() {
			failures = append(failures, args.failures()...)
		}
	}
	return infer.CheckResponse[TextArgs]{Inputs: args, Failures: failures}, err
}

func (t *TextArgs) failures() (found []p.CheckFailure) {
	least, wanted := 0, false
	for _, kind := range t.kinds() {
		if kind.minimum < 0 {
			found = append(found, p.CheckFailure{Property: "min" + kind.name, Reason: "must not be negative"})
		}
		least += kind.minimum
		wanted = wanted || kind.wanted
	}
	if !wanted {
		found = append(found, p.CheckFailure{
			Property: "special", Reason: "is false, as are upper, lower and numeric; one of them must be true",
		})
	}
	if least = max(least, 1); t.Length < least {
		found = append(found, p.CheckFailure{
			Property: "length",
			Reason:   fmt.Sprintf("must be at least %d (minUpper + minLower + minNumeric + minSpecial, and 1)", least),
		})
	}
	return found
}

// generate makes the text: the least number of each kind, the rest of all kinds that are wanted, in random order.
func (t *TextArgs) generate() string {
	var text, all []rune
	for _, kind := range t.kinds() {
		characters := []rune(kind.characters)
		for range kind.minimum {
			text = append(text, characters[below(len(characters))])
		}
		if kind.wanted {
			all = append(all, characters...)
		}
	}
	for len(text) < t.Length {
		text = append(text, all[below(len(all))])
	}
	for i := range text {
		j := below(i + 1)
		text[i], text[j] = text[j], text[i]
	}
	return string(text)
}

// below is a number from 0 to n-1, each equally likely.
func below(n int) int {
	number, err := rand.Int(rand.Reader, big.NewInt(int64(n)))
	if err != nil {
		panic(err) // rand.Reader does not fail: Go ends a process that gets no randomness
	}
	return int(number.Int64())
}

// importedText is what a text of unknown origin could have been made with.
func importedText(text string) (inputs, state TextArgs) {
	length, yes, none := utf8.RuneCountInString(text), true, 0
	inputs = TextArgs{Length: length}
	return inputs, TextArgs{
		Length: length, Lower: &yes, Numeric: &yes, Special: &yes, Upper: &yes, Number: &yes,
		MinLower: &none, MinNumeric: &none, MinSpecial: &none, MinUpper: &none,
	}
}

// RandomPassword is a text that is secret.
type RandomPassword struct{}

// Annotate gives the resource the SDK's token.
func (*RandomPassword) Annotate(a infer.Annotator) {
	a.SetToken("index/randomPassword", "RandomPassword")
}

// PasswordState is the inputs and the password.
type PasswordState struct {
	TextArgs
	BcryptHash string `pulumi:"bcryptHash"`
	Result     string `pulumi:"result"`
}

// The id of every password, as upstream's: an id is never secret.
const passwordID = "none"

// WireDependencies makes the password secret.
func (*RandomPassword) WireDependencies(f infer.FieldSelector, _ *TextArgs, state *PasswordState) {
	f.OutputField(&state.BcryptHash).AlwaysSecret()
	f.OutputField(&state.Result).AlwaysSecret()
}

// Check refuses what cannot work.
func (*RandomPassword) Check(ctx context.Context, r infer.CheckRequest) (infer.CheckResponse[TextArgs], error) {
	return checkText(ctx, r)
}

// Create makes the password.
func (*RandomPassword) Create(
	_ context.Context, r infer.CreateRequest[TextArgs],
) (infer.CreateResponse[PasswordState], error) {
	state := PasswordState{TextArgs: r.Inputs}
	if r.DryRun {
		return infer.CreateResponse[PasswordState]{Output: state}, nil
	}
	state.Number = state.Numeric
	err := state.set(r.Inputs.generate())
	return infer.CreateResponse[PasswordState]{ID: passwordID, Output: state}, err
}

// Read imports a password that exists.
func (*RandomPassword) Read(
	_ context.Context, r infer.ReadRequest[TextArgs, PasswordState],
) (infer.ReadResponse[TextArgs, PasswordState], error) {
	var state PasswordState
	inputs, madeWith := importedText(r.ID)
	state.TextArgs = madeWith
	err := state.set(r.ID)
	return infer.ReadResponse[TextArgs, PasswordState]{ID: passwordID, Inputs: inputs, State: state}, err
}

// set takes the password and hashes what bcrypt can of it: 72 bytes.
func (s *PasswordState) set(password string) error {
	hash, err := bcrypt.GenerateFromPassword([]byte(password)[:min(len(password), 72)], bcrypt.DefaultCost)
	s.Result, s.BcryptHash = password, string(hash)
	return err
}

// RandomString is a text that everyone may read.
type RandomString struct{}

// Annotate gives the resource the SDK's token.
func (*RandomString) Annotate(a infer.Annotator) { a.SetToken("index/randomString", "RandomString") }

// StringState is the inputs and the text.
type StringState struct {
	TextArgs
	Result string `pulumi:"result"`
}

// Check refuses what cannot work.
func (*RandomString) Check(ctx context.Context, r infer.CheckRequest) (infer.CheckResponse[TextArgs], error) {
	return checkText(ctx, r)
}

// Create makes the text, which is also the id.
func (*RandomString) Create(
	_ context.Context, r infer.CreateRequest[TextArgs],
) (infer.CreateResponse[StringState], error) {
	state := StringState{TextArgs: r.Inputs}
	if r.DryRun {
		return infer.CreateResponse[StringState]{Output: state}, nil
	}
	state.Number = state.Numeric
	state.Result = r.Inputs.generate()
	return infer.CreateResponse[StringState]{ID: state.Result, Output: state}, nil
}

// Read imports a text that exists.
func (*RandomString) Read(
	_ context.Context, r infer.ReadRequest[TextArgs, StringState],
) (infer.ReadResponse[TextArgs, StringState], error) {
	inputs, madeWith := importedText(r.ID)
	state := StringState{TextArgs: madeWith, Result: r.ID}
	return infer.ReadResponse[TextArgs, StringState]{ID: r.ID, Inputs: inputs, State: state}, nil
}
