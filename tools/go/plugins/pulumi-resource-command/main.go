// Command pulumi-resource-command is a stand-in for the plugin of the npm SDK @pulumi/command, whose source is on no Go
// module proxy. It serves one resource, command:remote:Command, with the properties and the behaviour that upstream
// documents for it. It does not serve local.Command, remote.CopyToRemote or any function, and it refuses a connection
// through a proxy host.
package main

import (
	"context"
	"log"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"homelab.example/plugins/internal/sdk"
)

const name = "command"

func provider() (p.Provider, error) {
	return infer.NewProviderBuilder().WithResources(infer.Resource(&Command{})).Build()
}

func main() {
	served, err := provider()
	if err != nil {
		log.Fatal(err)
	}
	if err := p.RunProvider(context.Background(), name, sdk.Command, served); err != nil {
		log.Fatal(err)
	}
}
