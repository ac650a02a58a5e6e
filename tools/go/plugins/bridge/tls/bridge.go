// Package bridge hands out the TLS provider. Its import path lies under the
// provider's own module path, which is what lets Go import an internal package.
package bridge

import "github.com/hashicorp/terraform-provider-tls/internal/provider"

// New makes the Terraform provider hashicorp/tls.
var New = provider.New
