package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"time"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// Connection says how to reach the host.
type Connection struct {
	Host               string         `pulumi:"host"`
	User               *string        `pulumi:"user,optional"`
	Port               *int           `pulumi:"port,optional"`
	Password           *string        `pulumi:"password,optional"`
	PrivateKey         *string        `pulumi:"privateKey,optional"`
	PrivateKeyPassword *string        `pulumi:"privateKeyPassword,optional"`
	AgentSocketPath    *string        `pulumi:"agentSocketPath,optional"`
	HostKey            *string        `pulumi:"hostKey,optional"`
	DialErrorLimit     *int           `pulumi:"dialErrorLimit,optional"`
	PerDialTimeout     *int           `pulumi:"perDialTimeout,optional"`
	Proxy              map[string]any `pulumi:"proxy,optional"`
}

const (
	defaultUser           = "root"
	defaultPort           = 22
	defaultDialErrorLimit = 10
	defaultPerDialTimeout = 15 // seconds
	unlimited             = -1
)

// Annotate sets the defaults that upstream documents.
func (c *Connection) Annotate(a infer.Annotator) {
	a.SetDefault(&c.User, defaultUser)
	a.SetDefault(&c.Port, defaultPort)
	a.SetDefault(&c.DialErrorLimit, defaultDialErrorLimit)
	a.SetDefault(&c.PerDialTimeout, defaultPerDialTimeout)
}

func (c *Connection) check() []p.CheckFailure {
	var failures []p.CheckFailure
	if len(c.Proxy) > 0 {
		failures = append(failures, p.CheckFailure{
			Property: "connection.proxy",
			Reason:   "is not supported by this stand-in of the command plugin: connect directly, or use the official plugin",
		})
	}
	if key := or(c.HostKey, ""); key != "" {
		if _, err := parseHostKey(key); err != nil {
			failures = append(failures, p.CheckFailure{Property: "connection.hostKey", Reason: err.Error()})
		}
	}
	return failures
}

func (c *Connection) address() string {
	return net.JoinHostPort(c.Host, strconv.Itoa(or(c.Port, defaultPort)))
}

// patience is the pause between two dials; it grows by half up to the maximum.
type patience struct{ first, longest time.Duration }

var upstreamPatience = patience{first: 100 * time.Millisecond, longest: 5 * time.Second}

// dial connects, and tries again after an error until there were more than dialErrorLimit of them. A host key other
// than the pinned one is final: it does not heal, and retrying would only hide it.
func (c *Connection) dial(ctx context.Context, wait patience) (*ssh.Client, error) {
	config, err := c.clientConfig()
	if err != nil {
		return nil, fmt.Errorf("connecting to %s: %w", c.address(), err)
	}
	limit, pause := or(c.DialErrorLimit, defaultDialErrorLimit), wait.first
	for attempts := 1; ; attempts++ {
		client, err := c.dialOnce(ctx, config)
		if err == nil {
			return client, nil
		}
		if wrongHostKey(err) {
			return nil, fmt.Errorf("connecting to %s: the host's key is not the pinned one (connection.hostKey): %w",
				c.address(), err)
		}
		if limit > unlimited && attempts > limit {
			return nil, fmt.Errorf("connecting to %s as %s: gave up after %d failed dials (connection.dialErrorLimit is %d): %w",
				c.address(), config.User, attempts, limit, err)
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("connecting to %s: stopped after %d failed dials: %w", c.address(), attempts, err)
		case <-time.After(pause):
			pause = min(pause*3/2, wait.longest)
		}
	}
}

// dialOnce bounds the whole attempt, handshake included, by perDialTimeout.
func (c *Connection) dialOnce(ctx context.Context, config *ssh.ClientConfig) (*ssh.Client, error) {
	timeout := time.Duration(or(c.PerDialTimeout, defaultPerDialTimeout)) * time.Second
	if timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", c.address())
	if err != nil {
		return nil, err
	}
	handshaken := context.AfterFunc(ctx, func() { conn.Close() })
	transport, channels, requests, err := ssh.NewClientConn(conn, c.address(), config)
	if !handshaken() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return ssh.NewClient(transport, channels, requests), nil
}

func (c *Connection) clientConfig() (*ssh.ClientConfig, error) {
	config := &ssh.ClientConfig{User: or(c.User, defaultUser), HostKeyCallback: ssh.InsecureIgnoreHostKey()}
	if pinned := or(c.HostKey, ""); pinned != "" {
		key, err := parseHostKey(pinned)
		if err != nil {
			return nil, fmt.Errorf("connection.hostKey %w", err)
		}
		config.HostKeyCallback = pin(key)
		config.HostKeyAlgorithms = algorithms(key) // or a host with several keys offers another one
	}
	if key := or(c.PrivateKey, ""); key != "" {
		signer, err := parsePrivateKey(key, or(c.PrivateKeyPassword, ""))
		if err != nil {
			return nil, fmt.Errorf("connection.privateKey cannot be used: %w", err)
		}
		config.Auth = append(config.Auth, ssh.PublicKeys(signer))
	}
	if password := or(c.Password, ""); password != "" {
		config.Auth = append(config.Auth, ssh.Password(password))
	}
	if socket := or(c.AgentSocketPath, os.Getenv("SSH_AUTH_SOCK")); socket != "" {
		conn, err := net.Dial("unix", socket)
		if err != nil {
			return nil, fmt.Errorf("the SSH agent (connection.agentSocketPath or SSH_AUTH_SOCK): %w", err)
		}
		config.Auth = append(config.Auth, ssh.PublicKeysCallback(agent.NewClient(conn).Signers))
	}
	return config, nil
}

func parsePrivateKey(key, password string) (ssh.Signer, error) {
	if password != "" {
		return ssh.ParsePrivateKeyWithPassphrase([]byte(key), []byte(password))
	}
	return ssh.ParsePrivateKey([]byte(key))
}

func parseHostKey(line string) (ssh.PublicKey, error) {
	key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(line))
	if err != nil {
		return nil, errors.New(`is not a public key as in "ssh-ed25519 AAAA…"`)
	}
	return key, nil
}

type hostKeyMismatch struct{ pinned, offered string }

func (m hostKeyMismatch) Error() string {
	return fmt.Sprintf("it offers %s, pinned is %s", m.offered, m.pinned)
}

func pin(key ssh.PublicKey) ssh.HostKeyCallback {
	fixed := ssh.FixedHostKey(key)
	return func(host string, remote net.Addr, offered ssh.PublicKey) error {
		if fixed(host, remote, offered) != nil {
			return hostKeyMismatch{pinned: ssh.FingerprintSHA256(key), offered: ssh.FingerprintSHA256(offered)}
		}
		return nil
	}
}

func algorithms(key ssh.PublicKey) []string {
	if key.Type() == ssh.KeyAlgoRSA {
		return []string{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256}
	}
	return []string{key.Type()}
}

// wrongHostKey also knows the host that has no key of the pinned key's kind.
func wrongHostKey(err error) bool {
	var mismatch hostKeyMismatch
	var negotiation *ssh.AlgorithmNegotiationError
	return errors.As(err, &mismatch) || errors.As(err, &negotiation)
}

func or[T any](value *T, fallback T) T {
	if value == nil {
		return fallback
	}
	return *value
}
