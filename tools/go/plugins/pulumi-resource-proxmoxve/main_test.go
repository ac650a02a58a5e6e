package main

import (
	"context"
	"testing"
)

func TestMemberFollowsTheSDKsRule(t *testing.T) {
	for terraform, want := range map[string][2]string{
		"proxmox_virtual_environment_vm":   {"index", "VmLegacy"},
		"proxmox_virtual_environment_file": {"index", "FileLegacy"},
		"proxmox_download_file":            {"download", "File"},
		"proxmox_backup_job":               {"backup", "Job"},
		"proxmox_sdn_controller_evpn":      {"sdn/controller", "Evpn"},
	} {
		if module, class := member(terraform); module != want[0] || class != want[1] {
			t.Errorf("%s is %s of %s, want %s of %s", terraform, class, module, want[1], want[0])
		}
	}
}

func TestBothHalvesAreServed(t *testing.T) {
	info := providerInfo(context.Background())
	if err := dispatch(&info); err != nil {
		t.Fatal(err)
	}
	for terraform, token := range map[string]string{
		"proxmox_virtual_environment_vm": "proxmoxve:index/vmLegacy:VmLegacy",
		"proxmox_download_file":          "proxmoxve:download/file:File",
	} {
		if got := info.Resources[terraform]; got == nil || string(got.Tok) != token {
			t.Errorf("%s is %v, the SDK says %s", terraform, got, token)
		}
	}
}

func TestASettableIDIsCalledResourceID(t *testing.T) {
	info := providerInfo(context.Background())
	renamed := 0
	for terraform, resource := range info.Resources {
		if resource.Fields["id"] == nil {
			continue
		}
		renamed++
		if terraform == plainID || resource.Fields["id"].Name != "resourceId" || resource.ComputeID == nil {
			t.Errorf("%s: %+v", terraform, resource.Fields["id"])
		}
	}
	if renamed == 0 {
		t.Error("no resource has a settable id any more: drop the renaming")
	}
}
