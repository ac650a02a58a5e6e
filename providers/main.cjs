// `main` may not point outside the package through npm's link; a file inside it may.
module.exports = require("../dist/providers/provider");
