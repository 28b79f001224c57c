// What pages gain where scripts run: levers that answer while they move.
//
// Nothing here is needed: levers are fields of a form that a button sends. The script asks this server
// alone, keeps nothing, and leaves in the address what a reader sees, so that a link still shows others
// the same.

/** Milliseconds without a movement after which the ensemble is asked. */
const SETTLED = 250;
/** Milliseconds after which an answer that is being computed is asked for again. */
const AGAIN = 500;

/** The form's address with what differs from the page without questions; the server tidies it. */
function addressOf(form: HTMLFormElement): string {
  const pairs = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    const field = form.elements.namedItem(name);
    const isUnmoved = field instanceof HTMLInputElement && field.dataset["today"] === value;
    if (typeof value === "string" && value !== "" && !isUnmoved) pairs.set(name, value);
  }
  const query = pairs.toString();
  return query === "" ? form.action : `${form.action}?${query}`;
}

/** The finished page of an address. A page that waits is asked for again. */
async function finished(address: string, signal: AbortSignal): Promise<{ page: Document; address: string }> {
  for (;;) {
    const reply = await fetch(address, { signal, headers: { accept: "text/html" } });
    const text = await reply.text();
    if (reply.status !== 202) {
      return { page: new DOMParser().parseFromString(text, "text/html"), address: reply.url };
    }
    await new Promise((resolve) => setTimeout(resolve, AGAIN));
    signal.throwIfAborted();
  }
}

/** Makes the levers of a form answer while they move. */
function moveLevers(form: HTMLFormElement, result: HTMLElement, said: HTMLElement): void {
  let timer: number | undefined;
  let asked: AbortController | undefined;
  const ask = async (): Promise<void> => {
    asked?.abort();
    asked = new AbortController();
    const { signal } = asked;
    said.textContent = "The ensemble runs …";
    result.setAttribute("aria-busy", "true");
    try {
      const { page, address } = await finished(addressOf(form), signal);
      const found = page.getElementById("result");
      if (found === null) {
        said.textContent = page.querySelector("main p")?.textContent ?? "No answer.";
        return;
      }
      result.replaceChildren(...Array.from(found.childNodes, (node) => document.adoptNode(node)));
      history.replaceState(null, "", address);
      said.textContent = "Shown for the levers as they stand.";
    } catch (failure) {
      if (!signal.aborted) said.textContent = `No answer: ${String(failure)}. Press Show.`;
    } finally {
      if (!signal.aborted) result.removeAttribute("aria-busy");
    }
  };
  const later = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => void ask(), SETTLED);
  };
  for (const number of form.querySelectorAll<HTMLInputElement>(".lever input[type=number]")) {
    const slider = document.createElement("input");
    slider.type = "range";
    slider.min = number.min;
    slider.max = number.max;
    slider.step = number.step;
    slider.value = number.value;
    // The number beside it has the name for those who hear the page, and the keyboard.
    slider.tabIndex = -1;
    slider.setAttribute("aria-hidden", "true");
    slider.addEventListener("input", () => {
      number.value = slider.value;
      later();
    });
    number.addEventListener("input", () => {
      slider.value = number.value;
      later();
    });
    number.after(slider);
  }
  form.addEventListener("change", later);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(timer);
    void ask();
  });
}

const form = document.querySelector<HTMLFormElement>("form.levers");
const result = document.getElementById("result");
const said = document.getElementById("said");
if (form !== null && result !== null && said !== null) moveLevers(form, result, said);
