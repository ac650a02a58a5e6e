package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"net"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

var quick = patience{first: time.Millisecond, longest: time.Millisecond}

func TestDialAcceptsThePinnedHostKey(t *testing.T) {
	client, err := newServer(t).connection().dial(context.Background(), quick)
	if err != nil {
		t.Fatal(err)
	}
	client.Close()
}

func TestDialDoesNotRetryAWrongHostKey(t *testing.T) {
	server := newServer(t)
	_, other := newKey(t)
	connection := server.connection()
	*connection.HostKey = string(ssh.MarshalAuthorizedKey(other.PublicKey()))
	_, err := connection.dial(context.Background(), quick)
	if err == nil || !strings.Contains(err.Error(), "not the pinned one (connection.hostKey)") ||
		!strings.Contains(err.Error(), ssh.FingerprintSHA256(server.hostKey.PublicKey())) {
		t.Errorf("got %v", err)
	}
	if count := server.connections.Load(); count != 1 {
		t.Errorf("dialled %d times", count)
	}
}

func TestDialDoesNotRetryAHostWithoutAKeyOfThePinnedKind(t *testing.T) {
	server := newServer(t)
	connection := server.connection()
	ecdsaKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	other, err := ssh.NewPublicKey(&ecdsaKey.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	*connection.HostKey = string(ssh.MarshalAuthorizedKey(other))
	if _, err := connection.dial(context.Background(), quick); err == nil ||
		!strings.Contains(err.Error(), "not the pinned one") {
		t.Errorf("got %v", err)
	}
	if count := server.connections.Load(); count != 1 {
		t.Errorf("dialled %d times", count)
	}
}

func TestDialGivesUpAfterTheLimitAndNamesAddressAndCount(t *testing.T) {
	server := newServer(t)
	connection := server.connection()
	server.listener.Close()
	limit := 2
	connection.DialErrorLimit = &limit
	_, err := connection.dial(context.Background(), quick)
	want := "connecting to " + connection.address() + " as root: gave up after 3 failed dials (connection.dialErrorLimit is 2)"
	if err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestDialRetriesUntilTheHostIsUp(t *testing.T) {
	server := newServer(t)
	address := server.listener.Addr().String()
	front, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer front.Close()
	go func() { // refuses twice by hanging up, then passes on
		for attempt := 1; ; attempt++ {
			conn, err := front.Accept()
			if err != nil {
				return
			}
			if attempt <= 2 {
				conn.Close()
				continue
			}
			back, err := net.Dial("tcp", address)
			if err != nil {
				return
			}
			go pipe(conn, back)
			go pipe(back, conn)
		}
	}()
	connection := server.connection()
	port := front.Addr().(*net.TCPAddr).Port
	connection.Port = &port
	client, err := connection.dial(context.Background(), quick)
	if err != nil {
		t.Fatal(err)
	}
	client.Close()
}

func TestPerDialTimeoutBoundsTheHandshake(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	port, limit, seconds := silent.Addr().(*net.TCPAddr).Port, 0, 1
	connection := &Connection{Host: "127.0.0.1", Port: &port, DialErrorLimit: &limit, PerDialTimeout: &seconds}
	started := time.Now()
	if _, err := connection.dial(context.Background(), quick); err == nil ||
		!strings.Contains(err.Error(), "gave up after 1 failed dials") {
		t.Errorf("got %v", err)
	}
	if took := time.Since(started); took > 5*time.Second {
		t.Errorf("took %s", took)
	}
}

func TestCancellingStopsUnlimitedRetries(t *testing.T) {
	server := newServer(t)
	connection := server.connection()
	server.listener.Close()
	endless := unlimited
	connection.DialErrorLimit = &endless
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if _, err := connection.dial(ctx, quick); err == nil || !strings.Contains(err.Error(), "stopped after") {
		t.Errorf("got %v", err)
	}
}

func TestAnUnusablePrivateKeyIsNotQuoted(t *testing.T) {
	connection := newServer(t).connection()
	garbage := "-----BEGIN OPENSSH PRIVATE KEY-----\nsupersecretmaterial\n-----END OPENSSH PRIVATE KEY-----\n"
	connection.PrivateKey = &garbage
	_, err := connection.dial(context.Background(), quick)
	if err == nil || !strings.Contains(err.Error(), "connection.privateKey cannot be used") ||
		strings.Contains(err.Error(), "supersecret") {
		t.Errorf("got %v", err)
	}
}

func pipe(from, to net.Conn) {
	buffer := make([]byte, 4096)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			to.Write(buffer[:n])
		}
		if err != nil {
			to.Close()
			return
		}
	}
}
