/**
 * What `__provider` holds: the code that Pulumi's provider process evaluates to find this package. It ends up in the state of every
 * resource, so it is short, the same in every release, and refers to the installed package, whatever version that is.
 *
 * The package is looked up twice: from the program's folder, which is the process's working directory, and from @pulumi/pulumi itself.
 * The second finds it where the program depends on a component library alone and pnpm hides the library's dependencies from the program.
 */
export const providerText = (entry: string) =>
  `exports.handler = () => {
  const { createRequire } = require("module"), name = "pulumi-alicloud-image/entry";
  for (const place of [process.cwd() + "/", require.main.filename]) {
    const from = createRequire(place);
    try { from.resolve(name) } catch { continue }
    return from(name).${entry};
  }
  throw Error("Install or update the package pulumi-alicloud-image in " + process.cwd());
};`;
