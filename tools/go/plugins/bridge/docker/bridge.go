// Package bridge hands out the Docker provider. Its import path lies under the
// provider's own module path, which is what lets Go import an internal package.
package bridge

import "github.com/terraform-providers/terraform-provider-docker/internal/provider"

// New makes the Terraform provider kreuzwerker/docker.
var New = provider.New
