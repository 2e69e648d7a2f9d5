#!/usr/bin/env node
// The same for npm, which makes commands of its own for Windows, where there is no shell for the other one.
require("./dist/plugin/index.js")();
