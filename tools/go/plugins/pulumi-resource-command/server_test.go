package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"golang.org/x/crypto/ssh"
)

// execution is what one command was given, and where it writes.
type execution struct {
	line, stdin    string
	environment    map[string]string
	stdout, stderr io.Writer
}

// sshServer is an SSH server in this process that hands commands to a function.
type sshServer struct {
	t           *testing.T
	listener    net.Listener
	hostKey     ssh.Signer
	clientKey   string // PEM
	acceptEnv   []string
	run         func(execution) (exitCode uint32)
	connections atomic.Int32
	mutex       sync.Mutex
	ran         []execution
}

func newServer(t *testing.T) *sshServer {
	t.Helper()
	t.Setenv("SSH_AUTH_SOCK", "")
	server := &sshServer{t: t, run: func(execution) uint32 { return 0 }}
	_, hostKey := newKey(t)
	server.hostKey = hostKey
	clientPEM, clientKey := newKey(t)
	server.clientKey = clientPEM
	config := &ssh.ServerConfig{
		PublicKeyCallback: func(_ ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
			if string(key.Marshal()) != string(clientKey.PublicKey().Marshal()) {
				return nil, io.EOF
			}
			return nil, nil
		},
	}
	config.AddHostKey(hostKey)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server.listener = listener
	t.Cleanup(func() { listener.Close() })
	go server.accept(config)
	return server
}

func newKey(t *testing.T) (string, ssh.Signer) {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(key, "")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(block)), signer
}

func (s *sshServer) accept(config *ssh.ServerConfig) {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.connections.Add(1)
		go func() {
			_, channels, requests, err := ssh.NewServerConn(conn, config)
			if err != nil {
				return
			}
			go ssh.DiscardRequests(requests)
			for offered := range channels {
				channel, requests, err := offered.Accept()
				if err == nil {
					go s.session(channel, requests)
				}
			}
		}()
	}
}

func (s *sshServer) session(channel ssh.Channel, requests <-chan *ssh.Request) {
	environment := map[string]string{}
	for request := range requests {
		switch request.Type {
		case "env":
			var variable struct{ Name, Value string }
			accepted := ssh.Unmarshal(request.Payload, &variable) == nil &&
				strings.Contains(strings.Join(s.acceptEnv, " "), variable.Name)
			if accepted {
				environment[variable.Name] = variable.Value
			}
			request.Reply(accepted, nil)
		case "exec":
			var command struct{ Line string }
			request.Reply(ssh.Unmarshal(request.Payload, &command) == nil, nil)
			stdin, _ := io.ReadAll(channel)
			run := execution{command.Line, string(stdin), environment, channel, channel.Stderr()}
			s.mutex.Lock()
			s.ran = append(s.ran, run)
			s.mutex.Unlock()
			code := s.run(run)
			channel.SendRequest("exit-status", false, ssh.Marshal(struct{ Code uint32 }{code}))
			channel.Close()
		default:
			request.Reply(false, nil)
		}
	}
}

// lines are the command lines run so far.
func (s *sshServer) lines() string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	var lines []string
	for _, run := range s.ran {
		lines = append(lines, run.line)
	}
	return strings.Join(lines, "; ")
}

// connection is the connection to the server with its host key pinned.
func (s *sshServer) connection() *Connection {
	port := s.listener.Addr().(*net.TCPAddr).Port
	hostKey := string(ssh.MarshalAuthorizedKey(s.hostKey.PublicKey()))
	return &Connection{Host: "127.0.0.1", Port: &port, PrivateKey: &s.clientKey, HostKey: &hostKey}
}
