"use strict";
const SETTLED = 250;
const AGAIN = 500;
function addressOf(form) {
    const pairs = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
        const field = form.elements.namedItem(name);
        const isUnmoved = field instanceof HTMLInputElement && field.dataset["today"] === value;
        if (typeof value === "string" && value !== "" && !isUnmoved)
            pairs.set(name, value);
    }
    const query = pairs.toString();
    return query === "" ? form.action : `${form.action}?${query}`;
}
async function finished(address, signal) {
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
function moveLevers(form, result, said) {
    let timer;
    let asked;
    const ask = async () => {
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
        }
        catch (failure) {
            if (!signal.aborted)
                said.textContent = `No answer: ${String(failure)}. Press Show.`;
        }
        finally {
            if (!signal.aborted)
                result.removeAttribute("aria-busy");
        }
    };
    const later = () => {
        clearTimeout(timer);
        timer = setTimeout(() => void ask(), SETTLED);
    };
    for (const number of form.querySelectorAll(".lever input[type=number]")) {
        const slider = document.createElement("input");
        slider.type = "range";
        slider.min = number.min;
        slider.max = number.max;
        slider.step = number.step;
        slider.value = number.value;
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
const form = document.querySelector("form.levers");
const result = document.getElementById("result");
const said = document.getElementById("said");
if (form !== null && result !== null && said !== null)
    moveLevers(form, result, said);
