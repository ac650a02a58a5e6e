// Command pulumi-resource-tls serves the Terraform provider hashicorp/tls as the plugin of the npm SDK @pulumi/tls.
package main

import (
	"context"

	tls "github.com/hashicorp/terraform-provider-tls/bridge"
	pf "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/tokens"
	"homelab.example/plugins/internal/sdk"
)

const name = "tls"

func providerInfo() tfbridge.ProviderInfo {
	info := tfbridge.ProviderInfo{
		P:            pf.ShimProvider(tls.New()),
		Name:         name,
		Version:      sdk.TLS,
		MetadataInfo: tfbridge.NewProviderMetadata([]byte("{}")),
	}
	info.MustComputeTokens(tokens.SingleModule("tls_", "index", tokens.MakeStandard(name)))
	return info
}

func main() {
	pf.Main(context.Background(), name, providerInfo(), pf.ProviderMetadata{PackageSchema: sdk.Schema(name, sdk.TLS)})
}
