// Pulumi's own test library, for the plugin: it creates the stack of a program, expects no changes, refreshes, applies an edited program,
// and destroys. Built once, run by test/engine/native/program-test.test.ts.
package main

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/pulumi/pulumi/pkg/v3/testing/integration"
)

func TestProgram(t *testing.T) {
	config := map[string]string{}
	if err := json.Unmarshal([]byte(os.Getenv("PROGRAM_CONFIG")), &config); err != nil {
		t.Fatal(err)
	}
	integration.ProgramTest(t, &integration.ProgramTestOptions{
		Dir:            os.Getenv("PROGRAM"),
		EditDirs:       []integration.EditDir{{Dir: os.Getenv("PROGRAM_EDITED"), Additive: true}},
		LocalProviders: []integration.LocalDependency{{Package: "alicloud-image", Path: os.Getenv("PLUGIN")}},
		Config:         config,
		NoParallel:     true,
	})
}
