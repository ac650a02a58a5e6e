//go:build tools

// Package tools pins actionlint, which the contract tests run on the workflows.
package tools

import _ "github.com/rhysd/actionlint/cmd/actionlint"
