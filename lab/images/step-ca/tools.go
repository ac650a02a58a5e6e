//go:build tools

// Package tools pins step-ca and the step command line, built for the lab where the official image cannot be had.
package tools

import (
	_ "github.com/smallstep/certificates/cmd/step-ca"
	_ "github.com/smallstep/cli/cmd/step"
)
