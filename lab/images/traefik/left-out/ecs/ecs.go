// Package ecs is Traefik's without Amazon's clients: the edge reads its routes from files.
package ecs

import (
	"errors"

	"github.com/traefik/traefik/v3/pkg/config/dynamic"
	"github.com/traefik/traefik/v3/pkg/safe"
)

// ProviderName is what the configuration calls it.
const ProviderName = "ecs"

// Provider reads nothing.
type Provider struct{}

// SetDefaults is there for the configuration, which calls it.
func (*Provider) SetDefaults() {}

// Init refuses a configuration that asks for it.
func (*Provider) Init() error { return errors.New("this build of Traefik has no provider for ECS") }

// Provide is not reached: Init comes first.
func (*Provider) Provide(chan<- dynamic.Message, *safe.Pool) error { return nil }
