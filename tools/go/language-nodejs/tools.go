//go:build tools

// Package tools pins Pulumi's Node.js language host. v3.68.0 is the last release that ships it inside
// the SDK module; it serves the newer command line's up, preview, refresh and destroy.
package tools

import _ "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs"
