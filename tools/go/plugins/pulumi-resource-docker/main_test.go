package main

import (
	"slices"
	"testing"

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
