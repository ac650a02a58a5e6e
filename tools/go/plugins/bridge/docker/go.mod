module github.com/terraform-providers/terraform-provider-docker/bridge

go 1.26.0

require github.com/terraform-providers/terraform-provider-docker v0.0.0
