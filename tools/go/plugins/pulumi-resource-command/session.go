package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	p "github.com/pulumi/pulumi-go-provider"
	"golang.org/x/crypto/ssh"
)

// run fills in the outputs by running line on the host. Without a line it keeps them.
func (s *CommandState) run(ctx context.Context, line *string) error {
	if line == nil || *line == "" {
		return nil
	}
	client, err := s.Connection.dial(ctx, upstreamPatience)
	if err != nil {
		return err
	}
	defer client.Close()
	defer context.AfterFunc(ctx, func() { client.Close() })()

	session, err := client.NewSession()
	if err != nil {
		return fmt.Errorf("opening a session on %s: %w", s.Connection.address(), err)
	}
	defer session.Close()
	log := p.GetLogger(ctx)
	if err := s.setEnvironment(session, log.Warning); err != nil {
		return err
	}
	if s.Stdin != nil {
		session.Stdin = strings.NewReader(*s.Stdin)
	}
	var stdout, stderr bytes.Buffer
	hide := s.redactor()
	outLog := &lines{log: log.Info, hide: hide, off: !s.logs(logStdout)}
	errLog := &lines{log: log.Info, hide: hide, off: !s.logs(logStderr)}
	session.Stdout = io.MultiWriter(&stdout, outLog)
	session.Stderr = io.MultiWriter(&stderr, errLog)
	err = session.Run(*line)
	outLog.flush()
	errLog.flush()
	if err != nil {
		return s.failure(ctx, err, hide(stderr.String()))
	}
	s.Stdout, s.Stderr = strings.TrimSuffix(stdout.String(), "\n"), strings.TrimSuffix(stderr.String(), "\n")
	return nil
}

// setEnvironment passes the variables. sshd refuses all that its AcceptEnv does not name: that is an error for one the
// program asked for, and a warning for the previous output, as it is upstream.
func (s *CommandState) setEnvironment(session *ssh.Session, warn func(string)) error {
	for _, name := range slices.Sorted(maps.Keys(s.Environment)) {
		if err := session.Setenv(name, s.Environment[name]); err != nil {
			return fmt.Errorf("%s refuses the environment variable %s: name it in AcceptEnv of its sshd_config, "+
				"or pass the value through stdin: %w", s.Connection.address(), name, err)
		}
	}
	if !or(s.AddPreviousOutputInEnv, true) {
		return nil
	}
	previous := [][2]string{{"PULUMI_COMMAND_STDOUT", s.Stdout}, {"PULUMI_COMMAND_STDERR", s.Stderr}}
	for _, variable := range previous {
		if variable[1] != "" && session.Setenv(variable[0], variable[1]) != nil {
			warn(fmt.Sprintf("%s refuses the environment variable %s: name it in AcceptEnv of its sshd_config, "+
				"or set addPreviousOutputInEnv to false", s.Connection.address(), variable[0]))
		}
	}
	return nil
}

func (s *CommandState) logs(stream string) bool {
	wanted := or(s.Logging, logBoth)
	return wanted == "" || wanted == logBoth || wanted == stream
}

// failure tells how the command ended and what it wrote to its standard error. The command's text stays out: it may
// hold secrets, and Pulumi names the resource.
func (s *CommandState) failure(ctx context.Context, err error, stderr string) error {
	var exit *ssh.ExitError
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("the command on %s was interrupted: %w", s.Connection.address(), ctx.Err())
	case errors.As(err, &exit) && exit.Signal() != "":
		err = fmt.Errorf("was ended by signal %s", exit.Signal())
	case errors.As(err, &exit):
		err = fmt.Errorf("ended with exit code %d", exit.ExitStatus())
	default:
		err = fmt.Errorf("lost its connection: %w", err)
	}
	if stderr = strings.TrimSpace(stderr); stderr == "" {
		stderr = "(it wrote nothing to its standard error)"
	}
	return fmt.Errorf("the command on %s %w\n%s", s.Connection.address(), err, tail(stderr, maxStderr))
}

// maxStderr is how much of a failed command's standard error its error quotes, in bytes, from the end.
const maxStderr = 8 << 10

func tail(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	return "…" + strings.ToValidUTF8(text[len(text)-limit:], "")
}

// minSecret is the length in bytes below which a value is too common a word to be hidden wherever it appears.
const minSecret = 6

// redactor hides what the command was given to know (standard input by line, environment, passwords, key) in what it
// prints to people. The outputs themselves stay whole.
func (s *CommandState) redactor() func(string) string {
	given := []string{
		or(s.Connection.Password, ""), or(s.Connection.PrivateKeyPassword, ""),
	}
	for _, value := range s.Environment {
		given = append(given, strings.Split(value, "\n")...)
	}
	given = append(given, strings.Split(or(s.Connection.PrivateKey, ""), "\n")...)
	given = append(given, strings.Split(or(s.Stdin, ""), "\n")...)
	slices.SortFunc(given, func(a, b string) int { return len(b) - len(a) }) // the longest first: one may hold another
	var pairs []string
	for _, value := range given {
		if value = strings.TrimSpace(value); len(value) >= minSecret {
			pairs = append(pairs, value, "[hidden]")
		}
	}
	return strings.NewReplacer(pairs...).Replace
}

// lines logs each whole line as it comes.
type lines struct {
	log     func(string)
	hide    func(string) string
	off     bool
	pending []byte
}

func (l *lines) Write(data []byte) (int, error) {
	if l.off {
		return len(data), nil
	}
	l.pending = append(l.pending, data...)
	for {
		end := bytes.IndexByte(l.pending, '\n')
		if end < 0 {
			return len(data), nil
		}
		l.log(l.hide(string(l.pending[:end])))
		l.pending = l.pending[end+1:]
	}
}

func (l *lines) flush() {
	if len(l.pending) > 0 {
		l.log(l.hide(string(l.pending)))
		l.pending = nil
	}
}
