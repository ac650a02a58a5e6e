// Command pulumi-resource-docker serves the Terraform provider kreuzwerker/docker as the plugin of the npm SDK
// @pulumi/docker: its containers, images, networks and volumes, without the SDK's own Image (which builds one).
package main

import (
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	sdkv2 "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"
	docker "github.com/terraform-providers/terraform-provider-docker/bridge"
	"homelab.example/plugins/internal/sdk"
)

const name = "docker"

// resources names every Terraform resource as the SDK does; the names follow no rule.
var resources = map[string]string{
	"docker_config":         "ServiceConfig",
	"docker_container":      "Container",
	"docker_image":          "RemoteImage",
	"docker_network":        "Network",
	"docker_plugin":         "Plugin",
	"docker_registry_image": "RegistryImage",
	"docker_secret":         "Secret",
	"docker_service":        "Service",
	"docker_tag":            "Tag",
	"docker_volume":         "Volume",
}

// fields names what the SDK leaves in the singular. Named otherwise, an input would reach Docker, but policies and previews
// would see it by a name that the SDK does not have.
var fields = map[string]map[string]*tfbridge.SchemaInfo{
	"docker_container": {
		"command":           {Name: "command"},
		"networks_advanced": {Name: "networksAdvanced"},
	},
}

func providerInfo() tfbridge.ProviderInfo {
	info := tfbridge.ProviderInfo{
		P:              sdkv2.NewProvider(docker.New(sdk.Docker)()),
		Name:           name,
		Version:        sdk.Docker,
		MetadataInfo:   tfbridge.NewProviderMetadata([]byte("{}")),
		IgnoreMappings: []string{"docker_buildx_builder"},
		Resources:      map[string]*tfbridge.ResourceInfo{},
		DataSources:    map[string]*tfbridge.DataSourceInfo{},
	}
	for terraform, resource := range resources {
		info.Resources[terraform] = &tfbridge.ResourceInfo{
			Tok:    tfbridge.MakeResource(name, "index", resource),
			Fields: fields[terraform],
		}
	}
	return info
}

func main() {
	tfbridge.Main(name, sdk.Docker, providerInfo(), sdk.Schema(name, sdk.Docker))
}
