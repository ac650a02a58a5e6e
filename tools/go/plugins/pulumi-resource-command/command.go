package main

import (
	"context"
	"slices"

	"github.com/google/uuid"
	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
)

// Command runs a shell command on a remote host at each step of its own life.
type Command struct{}

// Annotate gives the resource the SDK's token.
func (c *Command) Annotate(a infer.Annotator) { a.SetToken("remote", "Command") }

// CommandArgs are the inputs. The connection is a secret as a whole, as upstream's is. A trigger that changes replaces
// the resource: the SDK asks the engine for it ("triggers[*]"), the tag here covers triggers that come or go as a whole.
type CommandArgs struct {
	Connection             *Connection       `pulumi:"connection" provider:"secret"`
	Create                 *string           `pulumi:"create,optional"`
	Update                 *string           `pulumi:"update,optional"`
	Delete                 *string           `pulumi:"delete,optional"`
	Stdin                  *string           `pulumi:"stdin,optional"`
	Environment            map[string]string `pulumi:"environment,optional"`
	Triggers               []any             `pulumi:"triggers,optional" provider:"replaceOnChanges"`
	Logging                *string           `pulumi:"logging,optional"`
	AddPreviousOutputInEnv *bool             `pulumi:"addPreviousOutputInEnv,optional"`
}

// Annotate sets the defaults that upstream documents.
func (c *CommandArgs) Annotate(a infer.Annotator) { a.SetDefault(&c.AddPreviousOutputInEnv, true) }

// CommandState is the inputs and what the last run printed.
type CommandState struct {
	CommandArgs
	Stdout string `pulumi:"stdout"`
	Stderr string `pulumi:"stderr"`
}

// WireDependencies makes the outputs secret when the command, its standard input or its environment is: a command may
// print what it was given. The connection, always secret, is none of these.
func (*Command) WireDependencies(f infer.FieldSelector, args *CommandArgs, state *CommandState) {
	given := []infer.InputField{
		f.InputField(&args.Create).Secret(),
		f.InputField(&args.Update).Secret(),
		f.InputField(&args.Stdin).Secret(),
		f.InputField(&args.Environment).Secret(),
	}
	f.OutputField(&state.Stdout).DependsOn(given...)
	f.OutputField(&state.Stderr).DependsOn(given...)
}

// The values of logging; absent means both streams.
const (
	logStdout = "stdout"
	logStderr = "stderr"
	logBoth   = "stdoutAndStderr"
	logNone   = "none"
)

// Check refuses at preview what could only fail in the middle of an update.
func (*Command) Check(ctx context.Context, r infer.CheckRequest) (infer.CheckResponse[CommandArgs], error) {
	args, failures, err := infer.DefaultCheck[CommandArgs](ctx, r.NewInputs)
	if err != nil {
		return infer.CheckResponse[CommandArgs]{}, err
	}
	if args.Logging != nil && *args.Logging != "" &&
		!slices.Contains([]string{logStdout, logStderr, logBoth, logNone}, *args.Logging) {
		failures = append(failures, p.CheckFailure{
			Property: "logging",
			Reason:   "is none of stdout, stderr, stdoutAndStderr, none",
		})
	}
	if args.Connection != nil {
		failures = append(failures, args.Connection.check()...)
	}
	return infer.CheckResponse[CommandArgs]{Inputs: args, Failures: failures}, nil
}

// Create runs the create command.
func (*Command) Create(
	ctx context.Context, r infer.CreateRequest[CommandArgs],
) (infer.CreateResponse[CommandState], error) {
	state := CommandState{CommandArgs: r.Inputs}
	if r.DryRun {
		return infer.CreateResponse[CommandState]{Output: state}, nil
	}
	err := state.run(ctx, r.Inputs.Create)
	return infer.CreateResponse[CommandState]{ID: "command-" + uuid.NewString(), Output: state}, err
}

// Update runs the update command or, without one, the create command. It sees what the last run printed.
func (*Command) Update(
	ctx context.Context, r infer.UpdateRequest[CommandArgs, CommandState],
) (infer.UpdateResponse[CommandState], error) {
	state := CommandState{CommandArgs: r.Inputs, Stdout: r.State.Stdout, Stderr: r.State.Stderr}
	if r.DryRun {
		return infer.UpdateResponse[CommandState]{Output: state}, nil
	}
	line := r.Inputs.Update
	if line == nil {
		line = r.Inputs.Create
	}
	err := state.run(ctx, line)
	return infer.UpdateResponse[CommandState]{Output: state}, err
}

// Delete runs the delete command of the last state.
func (*Command) Delete(ctx context.Context, r infer.DeleteRequest[CommandState]) (infer.DeleteResponse, error) {
	return infer.DeleteResponse{}, r.State.run(ctx, r.State.Delete)
}
