/**
 * What `__provider` holds: the code that Pulumi's provider process evaluates to find this package. It ends up twice in
 * the state of every resource, and the engine writes the whole state at each step, so it is short. It is the same in
 * every release, and refers to the installed package, whatever version that is.
 *
 * The package is looked up twice: from the program's folder, which is the process's working directory, and from
 * @pulumi/pulumi itself. The second finds it where the program depends on a component library alone and pnpm hides the
 * library's dependencies from the program.
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
