// Lets node run the sources as they are, so that the bench measures what the tests test. Only loading times are
// measured on the build.
const { transformFileSync } = require("@swc/core");

require.extensions[".ts"] = (module, file) => {
  const { code } = transformFileSync(file, {
    sourceMaps: "inline",
    jsc: { target: "es2022", parser: { syntax: "typescript" } },
    module: { type: "commonjs", ignoreDynamic: true }, // p-retry is an ES module
  });
  module._compile(code, file);
};
