// The two pages that the Pulumi Registry takes from a package's repository.
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
require("../../bench/typescript.cjs");
const { acceptedOf, defaultOf } = require("../../provider/fields/doc.ts");

/** The fenced programs of an example, as a chooser in which the reader selects a language. */
function choices(examples) {
  const blocks = [...examples.matchAll(/```(\w+)\n[\s\S]*?\n```/g)];
  const choosable = blocks.map(
    ([block, language]) => `{{% choosable language ${language} %}}\n\n${block}\n\n{{% /choosable %}}`,
  );
  return (
    `{{< chooser language "${blocks.map(([, language]) => language).join(",")}" >}}\n\n` +
    `${choosable.join("\n\n")}\n\n{{< ` +
    "/chooser >}}"
  );
}

const head = (title, description) => `---\ntitle: ${title}\nmeta_desc: ${description}\nlayout: package\n---\n`;

const index = ({ displayName, description }, examples) => `${head(displayName, description)}
The provider \`alicloud-image\` builds, imports, copies, shares and exports custom images of Alibaba Cloud ECS in
unattended pipelines. If a run is killed, the next run takes over the image that it started. The provider deletes only
what it created or what you told it to adopt, and every wait has a timeout.

## Example

${choices(examples)}

For TypeScript and JavaScript, the npm package \`pulumi-alicloud-image\` has the same resources as classes that need no
plugin.
`;

function row([name, field]) {
  const { type, expects } = field.accepts;
  const accepted = acceptedOf(type, expects) ?? (type.type === "boolean" ? "`true`, `false`" : expects);
  const names = (field.environment ?? []).map((name) => `\`${name}\``).join(", ");
  const cells = [
    `\`${name}\`${field.secret ? " (secret)" : ""}`,
    names === "" ? field.doc : `${field.doc} Environment: ${names}.`,
    accepted,
    defaultOf(field) ?? "",
  ];
  return `| ${cells.join(" | ")} |`;
}

const installation = ({ displayName, repository, pluginDownloadURL, version, language }, fields) => `${head(
  `${displayName}: installation and configuration`,
  "How to install the provider for custom images on Alibaba Cloud, and how to configure it.",
)}
## Installation

The provider needs [Node.js](https://nodejs.org) 20.19 or later on the machine that runs Pulumi. The engine downloads
the plugin by itself if the program has the SDK for its language:

- JavaScript and TypeScript: \`npm install ${language.nodejs.packageName}\`, or \`npm install pulumi-alicloud-image\`,
  whose classes need no plugin
- Python: \`pip install pulumi-alicloud-image\`
- Go: \`go get ${language.go.importBasePath}\`
- .NET: \`dotnet add package ${language.csharp.rootNamespace}.AlicloudImage\`
- Java: the artifact \`${language.java.basePackage}:alicloud-image\`. It does not tell the engine where the plugin is;
  install it first:
  \`pulumi plugin install resource alicloud-image ${version} --server ${pluginDownloadURL}\`
- YAML, and every other language without a package registry:

\`\`\`sh
pulumi package add alicloud-image@${version} --server ${pluginDownloadURL}
\`\`\`

## Credentials

Without configuration, the provider looks for credentials where the Alibaba Cloud SDK looks: in the environment, in the
profiles of the Alibaba Cloud CLI, and in the RAM role of the ECS instance that Pulumi runs on. To set them for a stack:

\`\`\`sh
pulumi config set alicloud-image:region cn-hangzhou
pulumi config set --secret alicloud-image:accessKey LTAI...
pulumi config set --secret alicloud-image:secretKey ...
\`\`\`

The [required permissions](${repository}/blob/main/docs/permissions.md) are listed for each resource.

## Configuration

Set these keys in the stack's configuration, with \`alicloud-image:\` in front, or as arguments of an explicit provider.

| key | meaning | must be | default |
| --- | --- | --- | --- |
${Object.entries(fields).map(row).join("\n")}
`;

export const registryPages = (schema, providerArguments, examples) => ({
  "docs/_index.md": index(schema, examples),
  "docs/installation-configuration.md": installation(schema, providerArguments),
});
