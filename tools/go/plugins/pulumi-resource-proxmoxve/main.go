// Command pulumi-resource-proxmoxve serves the Terraform provider bpg/proxmox as the plugin of the npm SDK
// @muhlba91/pulumi-proxmoxve.
package main

import (
	"context"
	"fmt"
	"log"

	"github.com/bpg/terraform-provider-proxmox/fwprovider"
	"github.com/bpg/terraform-provider-proxmox/proxmoxtf/provider"
	pf "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	shim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim"
	sdkv2 "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/x/muxer"
	"github.com/pulumi/pulumi-terraform-bridge/v3/unstable/metadata"
	"homelab.example/plugins/internal/sdk"
)

const name = "proxmoxve"

// plainID is the one resource whose settable id the SDK leaves as Pulumi's own.
const plainID = "proxmox_sdn_controller_evpn"

// providerInfo maps every resource and data source that either half of the provider serves.
func providerInfo(ctx context.Context) tfbridge.ProviderInfo {
	both := pf.MuxShimWithPF(ctx,
		sdkv2.NewProvider(provider.ProxmoxVirtualEnvironment()),
		fwprovider.New(sdk.Proxmoxve)())
	info := tfbridge.ProviderInfo{
		P:            both,
		Name:         "proxmox",
		Version:      sdk.Proxmoxve,
		MetadataInfo: tfbridge.NewProviderMetadata([]byte("{}")),
		Resources:    map[string]*tfbridge.ResourceInfo{},
		DataSources:  map[string]*tfbridge.DataSourceInfo{},
	}
	both.ResourcesMap().Range(func(terraform string, resource shim.Resource) bool {
		info.Resources[terraform] = resourceInfo(terraform, resource)
		return true
	})
	both.DataSourcesMap().Range(func(terraform string, _ shim.Resource) bool {
		module, function := member(terraform)
		info.DataSources[terraform] = &tfbridge.DataSourceInfo{Tok: tfbridge.MakeDataSource(name, module, "get"+function)}
		return true
	})
	info.SetAutonaming(255, "-")
	return info
}

func resourceInfo(terraform string, resource shim.Resource) *tfbridge.ResourceInfo {
	module, class := member(terraform)
	info := &tfbridge.ResourceInfo{Tok: tfbridge.MakeResource(name, module, class)}
	id, has := resource.Schema().GetOk("id")
	if has && (id.Required() || id.Optional()) && terraform != plainID {
		info.Fields = map[string]*tfbridge.SchemaInfo{"id": {Name: "resourceId", Type: "string"}}
		info.ComputeID = tfbridge.DelegateIDField("resourceId", name, "")
	}
	return info
}

// dispatcher is the part of the two halves' shim that knows which of them serves a token. Code generation usually
// writes its answer into a metadata file; asking at the start needs neither.
type dispatcher interface {
	ResolveDispatch(*tfbridge.ProviderInfo) (muxer.DispatchTable, error)
}

func dispatch(info *tfbridge.ProviderInfo) error {
	halves, ok := info.P.(dispatcher)
	if !ok {
		return fmt.Errorf("the bridge's %T no longer tells which half of the provider serves a token", info.P)
	}
	table, err := halves.ResolveDispatch(info)
	if err != nil {
		return fmt.Errorf("dividing the tokens between the provider's two halves: %w", err)
	}
	return metadata.Set(info.GetMetadata(), "mux", table)
}

func main() {
	ctx := context.Background()
	info := providerInfo(ctx)
	if err := dispatch(&info); err != nil {
		log.Fatal(err)
	}
	pf.MainWithMuxer(ctx, name, info, sdk.Schema(name, sdk.Proxmoxve))
}
