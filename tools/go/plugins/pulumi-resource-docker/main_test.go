package main

import (
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	shim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim"
)

func TestEveryResourceOfTheProviderIsNamed(t *testing.T) {
	info := providerInfo()
	served := map[string]bool{}
	info.P.ResourcesMap().Range(func(terraform string, _ shim.Resource) bool {
		served[terraform] = true
		if _, named := resources[terraform]; !named && !slices.Contains(info.IgnoreMappings, terraform) {
			t.Errorf("%s has no token", terraform)
		}
		return true
	})
	for terraform := range resources {
		if !served[terraform] {
			t.Errorf("%s has a token, but the provider does not serve it", terraform)
		}
	}
}

func TestTokensAreThoseOfTheSDK(t *testing.T) {
	if got := providerInfo().Resources["docker_image"].Tok; got != "docker:index/remoteImage:RemoteImage" {
		t.Errorf("docker_image is %s", got)
	}
}

func TestFieldsAreNamedAsInTheSDK(t *testing.T) {
	for terraform, file := range map[string]string{
		"docker_container": "container",
		"docker_image":     "remoteImage",
		"docker_network":   "network",
		"docker_volume":    "volume",
	} {
		declared, err := os.ReadFile("../../../../node_modules/@pulumi/docker/" + file + ".d.ts")
		if err != nil {
			t.Fatal(err)
		}
		info := providerInfo()
		resource := info.P.ResourcesMap().Get(terraform)
		resource.Schema().Range(func(field string, _ shim.Schema) bool {
			if field == "id" {
				return true
			}
			name := tfbridge.TerraformToPulumiNameV2(field, resource.Schema(), info.Resources[terraform].Fields)
			if !regexp.MustCompile(`(?m)^    readonly ` + name + `\b`).Match(declared) {
				t.Errorf("%s.%s is %s, which %s.d.ts has not", terraform, field, name, file)
			}
			return true
		})
	}
}
