// Checks a Pulumi package schema and writes the SDKs of it, as `pulumi package gen-sdk` does where the language hosts are installed.
//
//	language-tools check SCHEMA                      prints what is wrong with it, and ends with 1
//	language-tools sdk LANGUAGE SCHEMA FOLDER        writes an SDK; LANGUAGE is go, nodejs or python
//	language-tools convert LANGUAGE SCHEMA FOLDER    prints the YAML program in a folder in another language, as `pulumi convert` does
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/blang/semver"
	"github.com/hashicorp/hcl/v2"
	yaml "github.com/pulumi/pulumi-yaml/pkg/pulumiyaml/codegen"
	gogen "github.com/pulumi/pulumi/pkg/v3/codegen/go"
	"github.com/pulumi/pulumi/pkg/v3/codegen/nodejs"
	"github.com/pulumi/pulumi/pkg/v3/codegen/pcl"
	"github.com/pulumi/pulumi/pkg/v3/codegen/python"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

const tool = "pulumi-alicloud-image"

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) == 2 && args[0] == "check":
		_, err := load(args[1])
		return err
	case len(args) == 4 && args[0] == "sdk":
		pkg, err := load(args[2])
		if err != nil {
			return err
		}
		files, err := generate(args[1], pkg)
		if err != nil {
			return err
		}
		return write(files, args[3])
	case len(args) == 4 && args[0] == "convert":
		pkg, err := load(args[2])
		if err != nil {
			return err
		}
		return convert(args[1], pkg, args[3])
	}
	return fmt.Errorf("usage: language-tools check SCHEMA | sdk|convert go|nodejs|python SCHEMA FOLDER")
}

// load reads a schema by Pulumi's own rules: the metaschema, then every reference and name in it. Warnings count as errors.
func load(file string) (*schema.Package, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var spec schema.PackageSpec
	if err := json.Unmarshal(text, &spec); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	pkg, problems, err := schema.BindSpec(spec, nil, schema.ValidationOptions{})
	if err != nil {
		return nil, err
	}
	if len(problems) > 0 {
		return nil, problems
	}
	return pkg, nil
}

func generate(language string, pkg *schema.Package) (map[string][]byte, error) {
	switch language {
	case "go":
		return gogen.GeneratePackage(tool, pkg, nil)
	case "nodejs":
		return nodejs.GeneratePackage(tool, pkg, nil, nil, true, nil)
	case "python":
		return python.GeneratePackage(tool, pkg, nil, nil)
	}
	return nil, fmt.Errorf("%s: not one of go, nodejs, python", language)
}

func write(files map[string][]byte, folder string) error {
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

// convert prints the program of one file that a YAML program becomes. Anything that the converter has to say is an error.
func convert(language string, pkg *schema.Package, folder string) error {
	generators := map[string]func(*pcl.Program) (map[string][]byte, hcl.Diagnostics, error){
		"go": gogen.GenerateProgram, "nodejs": nodejs.GenerateProgram, "python": python.GenerateProgram,
	}
	generate, known := generators[language]
	if !known {
		return fmt.Errorf("%s: not one of go, nodejs, python", language)
	}
	_, program, err := yaml.Eject(folder, loader{pkg})
	if err != nil {
		return err
	}
	files, problems, err := generate(program)
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
