/**
 * The value of `__provider`: code that Pulumi's provider process evaluates to find this package. It is twice in the
 * state of every resource, and the engine writes the whole state at each step, so it is short. It is the same in every
 * release, and loads the installed package in any version.
 *
 * The package is searched in two places: in the program's folder, which is the process's working directory, and from
 * @pulumi/pulumi itself. The second place is for programs that depend only on a component library, whose dependencies
 * pnpm hides from the program.
 */
export const providerText = (entry: string) =>
  [
    `exports.handler=()=>{`,
    `const p="pulumi-alicloud-image",e=p+"/entry",`,
    `r=[process.cwd()+"/",require.main.filename].map(require("module").createRequire).find(r=>{try{return ` +
      "r.resolve(e)}catch{}});",
    `if(r)return r(e).${entry};`,
    `throw Error("Install or update the package "+p+" in "+process.cwd())}`,
  ].join("");
