// Package ext is the extension point of Traefik's dynamic configuration, empty as in the open-source build.
package ext

// HTTP extends the HTTP configuration.
type HTTP struct{}

// Router extends a router.
type Router struct{}
