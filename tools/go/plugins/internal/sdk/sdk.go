// Package sdk names the npm SDK releases that the plugins of this module answer to.
package sdk

import "encoding/json"

// The SDK releases, set by the linker (-X) from package.json, so that a plugin never claims a version other than the
// installed SDK's. A plugin built by hand says that it is a development build.
var (
	Command   = development
	Docker    = development
	Proxmoxve = development
	Random    = development
	TLS       = development
)

const development = "0.0.0-dev"

// Schema is the least that a bridged provider must say about itself: its types are in the npm SDK already.
func Schema(name, version string) []byte {
	schema, err := json.Marshal(map[string]string{"name": name, "version": version})
	if err != nil {
		panic(err) // two strings always marshal
	}
	return schema
}
