package main

import (
	"strings"
	"unicode"
)

// legacyPrefix starts the names of the provider's older half, on which the SDK hangs "Legacy".
const legacyPrefix = "proxmox_virtual_environment_"

// member is where the SDK puts a Terraform type: proxmox_download_file is File of download,
// proxmox_virtual_environment_vm is VmLegacy of index.
func member(terraform string) (module, name string) {
	rest, legacy := strings.CutPrefix(terraform, legacyPrefix)
	rest = strings.TrimPrefix(rest, "proxmox_")
	module, name = "index", rest
	if last := strings.LastIndexByte(rest, '_'); last >= 0 {
		module, name = strings.ReplaceAll(rest[:last], "_", "/"), rest[last+1:]
	}
	name = capitalised(name)
	if legacy {
		name += "Legacy"
	}
	return module, name
}

func capitalised(word string) string {
	letters := []rune(word)
	letters[0] = unicode.ToUpper(letters[0])
	return string(letters)
}
