//go:build tools

// Package tools pins the Pulumi command line, built where its official download cannot be had.
package tools

import _ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
