(function () {
  var chosen = null;
  try {
    chosen = localStorage.getItem("opentrace.theme");
  } catch {
    // Storage can be blocked: follow the system.
  }
  var dark = chosen === "dark" || (chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
