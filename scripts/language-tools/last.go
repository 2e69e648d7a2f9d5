package main

import (
	"net/http"
	"os"

	"github.com/hashicorp/hcl/v2"
	"github.com/pulumi/pulumi-java/pkg/codegen/java"
	registry "github.com/pulumi/pulumi/pkg/v3/codegen/docs"
	"github.com/pulumi/pulumi/pkg/v3/codegen/dotnet"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

var languages = map[string]language{
	"dotnet": {
		sdk: func(pkg *schema.Package) (map[string][]byte, error) {
			// The generator downloads the logo. It gets the one of this repository, which need not be published yet.
			if logo := os.Getenv("LOGO"); logo != "" {
				http.DefaultTransport.(*http.Transport).RegisterProtocol("file", http.NewFileTransport(http.Dir("/")))
				pkg.LogoURL = "file://" + logo
			}
			return dotnet.GeneratePackage(tool, pkg, nil, nil)
		},
		program: dotnet.GenerateProgram,
	},
	"java": {
		sdk: func(pkg *schema.Package) (map[string][]byte, error) {
			return java.GeneratePackage(tool, pkg, nil, false)
		},
		program: java.GenerateProgram,
	},
}

func bind(spec schema.PackageSpec) (*schema.Package, hcl.Diagnostics, error) {
	return schema.BindSpec(spec, nil)
}

func docs(pkg *schema.Package) (map[string][]byte, error) {
	return registry.NewContext(tool, pkg).GeneratePackage()
}
