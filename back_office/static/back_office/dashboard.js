// Refreshes the front page's figures in place while somebody can see them.
(() => {
  const EVERY = 10000;
  const FETCH_TIMEOUT = 8000;

  document.addEventListener("DOMContentLoaded", () => {
    const figures = document.getElementById("dashboard");
    if (!figures) return;
    const state = document.getElementById("dashboard-state");
    const said = document.getElementById("dashboard-said");
    const pause = document.getElementById("dashboard-pause");
    const refresh = document.getElementById("dashboard-refresh");
    let paused = false;
    let busy = false;
    let readAt = Date.now();

    const alerts = (within) =>
      [...within.querySelectorAll("[data-alert]")].map((one) => one.textContent.trim()).join(" ");
    let known = alerts(figures);

    const tell = (name) => {
      state.textContent = state.dataset[name];
      state.classList.toggle("desk-dashboard-old", name === "lost" || name === "ended");
    };
    const tellPaused = () => {
      pause.textContent = paused ? pause.dataset.goOn : pause.dataset.pause;
      tell(paused ? "paused" : "fresh");
    };

    // What was open stays open, and the keyboard stays where it was.
    const replace = (html) => {
      const open = [...figures.querySelectorAll("details[open][id]")].map((one) => one.id);
      const focused = figures.contains(document.activeElement) ? document.activeElement.id : "";
      figures.innerHTML = html;
      open.forEach((id) => document.getElementById(id)?.setAttribute("open", ""));
      if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
      const now = alerts(figures);
      if (now !== known) said.textContent = now;
      known = now;
    };

    const read = async () => {
      if (busy) return;
      busy = true;
      try {
        const answer = await fetch(figures.dataset.from, {
          redirect: "manual",
          signal: AbortSignal.timeout(FETCH_TIMEOUT),
        });
        if (answer.ok) {
          replace(await answer.text());
          readAt = Date.now();
          tell(paused ? "paused" : "fresh");
        } else if (answer.type === "opaqueredirect" || answer.status === 403) {
          paused = true;
          pause.hidden = true;
          tell("ended");
        } else {
          tell("lost");
        }
      } catch {
        tell("lost");
      } finally {
        busy = false;
      }
    };

    pause.hidden = false;
    tellPaused();
    pause.addEventListener("click", () => {
      paused = !paused;
      tellPaused();
      if (!paused) read();
    });
    refresh.addEventListener("click", (event) => {
      event.preventDefault();
      read();
    });
    setInterval(() => {
      if (!paused && !document.hidden) read();
    }, EVERY);
    document.addEventListener("visibilitychange", () => {
      if (!paused && !document.hidden && Date.now() - readAt >= EVERY) read();
    });
  });
})();
