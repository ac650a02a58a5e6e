package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/big"
	"strings"

	"github.com/google/uuid"
	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
)

// RandomId is random bytes in four spellings.
type RandomId struct{}

// Annotate gives the resource the SDK's token.
func (*RandomId) Annotate(a infer.Annotator) { a.SetToken("index/randomId", "RandomId") }

// IDArgs are the inputs.
type IDArgs struct {
	ByteLength int               `pulumi:"byteLength"`
	Keepers    map[string]string `pulumi:"keepers,optional"`
	Prefix     *string           `pulumi:"prefix,optional"`
}

// IDState is the inputs and the spellings, all behind the prefix.
type IDState struct {
	IDArgs
	B64Std string `pulumi:"b64Std"`
	B64URL string `pulumi:"b64Url"`
	Dec    string `pulumi:"dec"`
	Hex    string `pulumi:"hex"`
}

// Check refuses at preview what could only fail in the middle of an update.
func (*RandomId) Check(ctx context.Context, r infer.CheckRequest) (infer.CheckResponse[IDArgs], error) {
	args, failures, err := infer.DefaultCheck[IDArgs](ctx, r.NewInputs)
	if err == nil && len(failures) == 0 && !r.NewInputs.Get("byteLength").HasComputed() && args.ByteLength < 1 {
		failures = append(failures, p.CheckFailure{Property: "byteLength", Reason: "must be at least 1"})
	}
	return infer.CheckResponse[IDArgs]{Inputs: args, Failures: failures}, err
}

// Create makes the bytes. The id is their spelling for addresses, without the prefix.
func (*RandomId) Create(_ context.Context, r infer.CreateRequest[IDArgs]) (infer.CreateResponse[IDState], error) {
	if r.DryRun {
		return infer.CreateResponse[IDState]{Output: IDState{IDArgs: r.Inputs}}, nil
	}
	bytes := make([]byte, r.Inputs.ByteLength)
	rand.Read(bytes) // never fails
	id, state := spell(r.Inputs, bytes)
	return infer.CreateResponse[IDState]{ID: id, Output: state}, nil
}

// Read imports an id that exists, given as "<prefix>,<id>" or "<id>".
func (*RandomId) Read(
	_ context.Context, r infer.ReadRequest[IDArgs, IDState],
) (infer.ReadResponse[IDArgs, IDState], error) {
	var args IDArgs
	spelled := r.ID
	if comma := strings.LastIndex(r.ID, ","); comma >= 0 {
		prefix := r.ID[:comma]
		args.Prefix, spelled = &prefix, r.ID[comma+1:]
	}
	bytes, err := base64.RawURLEncoding.DecodeString(spelled)
	if err != nil || len(bytes) == 0 {
		return infer.ReadResponse[IDArgs, IDState]{}, fmt.Errorf(
			"%q cannot be imported: give [<prefix>,]<b64Url without the prefix>", r.ID)
	}
	args.ByteLength = len(bytes)
	id, state := spell(args, bytes)
	return infer.ReadResponse[IDArgs, IDState]{ID: id, Inputs: args, State: state}, nil
}

func spell(args IDArgs, bytes []byte) (id string, state IDState) {
	prefix := ""
	if args.Prefix != nil {
		prefix = *args.Prefix
	}
	id = base64.RawURLEncoding.EncodeToString(bytes)
	return id, IDState{
		IDArgs: args,
		B64Std: prefix + base64.StdEncoding.EncodeToString(bytes),
		B64URL: prefix + id,
		Dec:    prefix + new(big.Int).SetBytes(bytes).String(),
		Hex:    prefix + hex.EncodeToString(bytes),
	}
}

// RandomUuid is a random UUID.
type RandomUuid struct{}

// Annotate gives the resource the SDK's token.
func (*RandomUuid) Annotate(a infer.Annotator) { a.SetToken("index/randomUuid", "RandomUuid") }

// UUIDArgs are the inputs.
type UUIDArgs struct {
	Keepers map[string]string `pulumi:"keepers,optional"`
}

// UUIDState is the inputs and the UUID.
type UUIDState struct {
	UUIDArgs
	Result string `pulumi:"result"`
}

// Create makes the UUID, which is also the id.
func (*RandomUuid) Create(
	_ context.Context, r infer.CreateRequest[UUIDArgs],
) (infer.CreateResponse[UUIDState], error) {
	state := UUIDState{UUIDArgs: r.Inputs}
	if r.DryRun {
		return infer.CreateResponse[UUIDState]{Output: state}, nil
	}
	state.Result = uuid.NewString()
	return infer.CreateResponse[UUIDState]{ID: state.Result, Output: state}, nil
}

// Read imports a UUID that exists.
func (*RandomUuid) Read(
	_ context.Context, r infer.ReadRequest[UUIDArgs, UUIDState],
) (infer.ReadResponse[UUIDArgs, UUIDState], error) {
	parsed, err := uuid.Parse(r.ID)
	if err != nil {
		return infer.ReadResponse[UUIDArgs, UUIDState]{}, fmt.Errorf("%q cannot be imported: it is no UUID", r.ID)
	}
	state := UUIDState{Result: parsed.String()}
	return infer.ReadResponse[UUIDArgs, UUIDState]{ID: state.Result, State: state}, nil
}
