// Checks a Pulumi package schema and writes what is made of it, as an installation of Pulumi and its registry do.
//
//	language-tools check SCHEMA                      prints what is wrong with it, and ends with 1
//	language-tools sdk SCHEMA LANGUAGE FOLDER        writes an SDK
//	language-tools convert SCHEMA LANGUAGE FOLDER    prints the YAML program in a folder in another language
//	language-tools docs SCHEMA FOLDER                writes the pages of the Pulumi Registry
//
// No version of Pulumi's module has all generators. So this is built twice: with newest.go for TypeScript, Python and
// Go, and with last.go, on the last version that has the pages of the registry, for these, .NET and Java.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/blang/semver"
	"github.com/hashicorp/hcl/v2"
	yaml "github.com/pulumi/pulumi-yaml/pkg/pulumiyaml/codegen"
	"github.com/pulumi/pulumi/pkg/v3/codegen/pcl"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

const tool = "pulumi-alicloud-image"

// language is what can be generated in one language.
type language struct {
	sdk     func(*schema.Package) (map[string][]byte, error)
	program func(*pcl.Program) (map[string][]byte, hcl.Diagnostics, error)
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	usage := fmt.Errorf("usage: language-tools check SCHEMA | sdk|convert SCHEMA LANGUAGE FOLDER | docs SCHEMA FOLDER")
	operands := map[string]int{"check": 1, "sdk": 3, "convert": 3, "docs": 2}
	if len(args) == 0 || len(args)-1 != operands[args[0]] {
		return usage
	}
	pkg, err := load(args[1])
	if err != nil {
		return err
	}
	switch args[0] {
	case "sdk", "convert":
		generators, known := languages[args[2]]
		if !known {
			return fmt.Errorf("%s: not one of %s", args[2], strings.Join(slices.Sorted(maps.Keys(languages)), ", "))
		}
		if args[0] == "convert" {
			return convert(generators, pkg, args[3])
		}
		return write(args[3], generators.sdk, pkg)
	case "docs":
		return write(args[2], docs, pkg)
	}
	return nil
}

// load reads a schema by Pulumi's own rules: the metaschema, then each reference and name in it. A warning is an error.
func load(file string) (*schema.Package, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var spec schema.PackageSpec
	if err := json.Unmarshal(text, &spec); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	pkg, problems, err := bind(spec)
	if err != nil {
		return nil, err
	}
	if len(problems) > 0 {
		return nil, problems
	}
	return pkg, nil
}

func write(folder string, generate func(*schema.Package) (map[string][]byte, error), pkg *schema.Package) error {
	files, err := generate(pkg)
	if err != nil {
		return err
	}
	for name, text := range files {
		file := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// convert prints the program of one file that a YAML program becomes. Whatever the converter has to say is an error.
func convert(generators language, pkg *schema.Package, folder string) error {
	_, program, err := yaml.Eject(folder, loader{pkg})
	if err != nil {
		return err
	}
	files, problems, err := generators.program(program)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return problems
	}
	for _, text := range files {
		fmt.Print(string(text))
	}
	return nil
}

// loader knows one package only: the converter asks for no other.
type loader struct{ pkg *schema.Package }

func (l loader) LoadPackage(name string, _ *semver.Version) (*schema.Package, error) {
	if name != l.pkg.Name {
		return nil, fmt.Errorf("there is no package %s", name)
	}
	return l.pkg, nil
}

func (l loader) LoadPackageV2(_ context.Context, descriptor *schema.PackageDescriptor) (*schema.Package, error) {
	return l.LoadPackage(descriptor.Name, nil)
}

func (l loader) LoadPackageReference(name string, _ *semver.Version) (schema.PackageReference, error) {
	pkg, err := l.LoadPackage(name, nil)
	if err != nil {
		return nil, err
	}
	return pkg.Reference(), nil
}

func (l loader) LoadPackageReferenceV2(
	_ context.Context, descriptor *schema.PackageDescriptor,
) (schema.PackageReference, error) {
	return l.LoadPackageReference(descriptor.Name, nil)
}
