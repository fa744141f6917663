// The parts of unfold's pages by name: Alpine's build for strict policies, which evaluates no code,
// knows no globals (https://alpinejs.dev/advanced/csp).
document.addEventListener("alpine:init", () => {
  for (const part of [theme, searchForm]) Alpine.data(part.name, part);

  const SIDEBAR = "sidebarDesktopOpen";
  Alpine.data("desk", (tab) => ({
    activeTab: (tab && getCurrentTab()) || tab || "",
    sidebarMobileOpen: false,
    [SIDEBAR]: localStorage.getItem(SIDEBAR) !== "0",
    window: { location: { pathname: location.pathname, search: location.search } }, // for its forms
    init() {
      this.$watch(SIDEBAR, (isOpen) => localStorage.setItem(SIDEBAR, isOpen ? "1" : "0"));
    },
  }));
});

// The key "/" leads to the search box, from anywhere but a field that is being written in.
document.addEventListener("keydown", (event) => {
  const isWriting = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key !== "/" || isWriting || event.ctrlKey || event.metaKey || event.altKey) return;
  const boxes = [...document.querySelectorAll("[data-find]")];
  const box = boxes.reverse().find((one) => one.offsetParent !== null);
  if (!box) return;
  event.preventDefault();
  box.focus();
  box.select();
});

// Ids are copied by the button beside them.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) navigator.clipboard?.writeText(button.dataset.copy);
});

// Some of unfold's controls are made for the mouse alone: the keyboard gets at them too.
const MOUSE_ONLY = "a[x-on\\:click]:not([href]), div[x-on\\:click], span[x-on\\:click]";
document.addEventListener("DOMContentLoaded", () => {
  for (const control of document.querySelectorAll(MOUSE_ONLY)) {
    if (!control.textContent.trim()) continue; // the ground behind a dialog
    control.tabIndex = 0;
    control.setAttribute("role", "button");
    control.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      control.click();
    });
  }
});

// select2 calls its boxes after the value that is chosen, if there is one: add the field's label.
window.addEventListener("load", () => {
  for (const select of document.querySelectorAll("select.select2-hidden-accessible")) {
    const [label] = select.labels;
    const box = select.nextElementSibling.querySelector(".select2-selection");
    const value = box.querySelector(".select2-selection__rendered");
    if (!label) continue;
    label.id ||= `${select.id}-label`;
    value.setAttribute("aria-labelledby", label.id);
    box.setAttribute("aria-labelledby", `${label.id} ${value.id}`);
  }
});

// A page is hidden until its scripts run, and a hidden field does not take the focus.
window.addEventListener("load", () => document.querySelector("[autofocus]")?.focus());

// The status of a notification on its way is read anew while somebody can see it: often at first,
// and six times in all, since each reading is a look at personal data that is noted.
window.addEventListener("load", () => {
  const FIRST_AFTER = 2000;
  const LAST_AFTER = 64000;
  const FETCH_TIMEOUT = 8000;

  const follow = async (wait) => {
    const live = document.querySelector("#desk-live[data-live]");
    if (!live || wait > LAST_AFTER) return;
    if (!document.hidden) {
      try {
        const signal = AbortSignal.timeout(FETCH_TIMEOUT);
        const answer = await fetch(location.href, { redirect: "manual", signal });
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const next = page.getElementById("desk-live");
        if (next && next.outerHTML !== live.outerHTML) live.replaceWith(next);
      } catch {
        // the next reading tries again
      }
    }
    setTimeout(follow, 2 * wait, 2 * wait);
  };
  setTimeout(follow, FIRST_AFTER, FIRST_AFTER);
});
