// The palette's keys, pressed while the app still loads: kept for it, instead of opening the browser's own search.
(function () {
  var page = document.documentElement;
  document.addEventListener("keydown", function keep(event) {
    if (page.dataset.keys === "app") return document.removeEventListener("keydown", keep);
    if (!(event.metaKey || event.ctrlKey) || event.altKey || event.shiftKey || event.key.toLowerCase() !== "k") return;
    event.preventDefault();
    page.dataset.keys = "mod+k";
  });
})();
