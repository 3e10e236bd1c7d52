/** Where the console begins. */
import { mount } from "svelte";
import App from "./App.svelte";
import "./app.css";
import { follow } from "./lib/route.svelte.ts";
import { startTheme } from "./lib/theme.svelte.ts";

startTheme();
follow();
const target = document.getElementById("app");
if (target) mount(App, { target });
