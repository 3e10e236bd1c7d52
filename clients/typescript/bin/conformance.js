#!/usr/bin/env node
// The conformance program of this SDK, as docs/adr/0032-five-sdks-one-shape.md describes it. Needs `npm run build`.
import "../build/conformance/main.js";
