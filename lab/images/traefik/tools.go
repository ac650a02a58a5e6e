//go:build tools

// Package tools pins Traefik, built for the lab where its official image cannot be had.
package tools

import _ "github.com/traefik/traefik/v3/cmd/traefik"
