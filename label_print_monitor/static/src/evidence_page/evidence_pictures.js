// The pictures on the evidence page, which is a report: a page of its own without the web client.
import { describePicture, makePictures } from "../label_picture/picture_of_label";

const READ_SECONDS = 30;
const BUTTON = ".o_label_print_evidence_picture";

async function readLabel(page, { job, label }) {
    const { model, context, unread } = page.dataset;
    try {
        const response = await fetch(`/web/dataset/call_kw/${model}/get_label_picture`, {
            method: "POST",
            headers: { "Content-Type": "application/json" },
            signal: AbortSignal.timeout(READ_SECONDS * 1000),
            body: JSON.stringify({
                jsonrpc: "2.0",
                method: "call",
                params: {
                    model,
                    method: "get_label_picture",
                    args: [[Number(job)], Number(label)],
                    kwargs: { context: JSON.parse(context) },
                },
            }),
        });
        const { result, error } = await response.json();
        if (result) {
            return result;
        }
        // What Odoo says in words is meant for people; of other errors the words are for developers.
        const isForPeople = error.data?.name?.startsWith("odoo.exceptions.");
        return { problem: isForPeople ? `${unread} ${error.data.message}` : unread };
    } catch {
        return { problem: unread };
    }
}

function element(tag, className, text = "") {
    const made = document.createElement(tag);
    made.className = className;
    made.textContent = text;
    return made;
}

function showPictures(cell, read, { pictures, problem }) {
    const parts = [];
    if (problem) {
        const alert = element("div", "alert alert-warning mb-0", problem);
        alert.setAttribute("role", "alert");
        parts.push(alert);
    }
    if (read.note) {
        parts.push(element("div", "mb-1", read.note));
    }
    for (const { url, width, height } of pictures) {
        const image = element("img", "o_label_print_evidence_image border mw-100 d-block mb-2");
        Object.assign(image, { src: url, width, height, alt: describePicture(read) });
        Object.assign(image.style, { width: "auto", height: "auto", maxHeight: "12cm" });
        parts.push(image);
    }
    if (pictures.length) {
        parts.push(element("strong", "d-block", read.words.approximation));
        parts.push(element("div", "text-muted", read.size));
    }
    cell.replaceChildren(...parts);
}

/** Press once to see the picture below the label's line, once more to put it away. */
async function toggle(page, button) {
    const line = button.closest("tr");
    if (button.getAttribute("aria-expanded") === "true") {
        line.nextElementSibling.remove();
        button.setAttribute("aria-expanded", "false");
        return;
    }
    const row = document.createElement("tr");
    const cell = row.insertCell();
    cell.colSpan = line.cells.length;
    const wait = element("span", "text-muted", page.dataset.wait);
    wait.setAttribute("role", "status");
    cell.append(wait);
    line.after(row);
    button.setAttribute("aria-expanded", "true");
    const read = await readLabel(page, button.dataset);
    const shown = read.words ? await makePictures(read) : { pictures: [], problem: read.problem };
    showPictures(cell, read, shown);
}

document.addEventListener("click", (ev) => {
    const button = ev.target.closest(BUTTON);
    if (button) {
        toggle(button.closest(".o_label_print_evidence"), button);
    }
});
// Without this script they would do nothing. It stands at the end of the page.
document.querySelectorAll(BUTTON).forEach((button) => (button.hidden = false));
