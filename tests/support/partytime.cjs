// Reads a feed on standard input with podcast-partytime, the parser of the Podcast Index.
const fs = require("fs");
const { parseFeed } = require("podcast-partytime");

process.stdout.write(JSON.stringify(parseFeed(fs.readFileSync(0, "utf8"))));
