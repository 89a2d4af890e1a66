// Also part of the evidence page, which has no web client: nothing of `@web` here.

/** The file of npm's zpl-renderer-js. `scripts/label_renderer.py` puts it there, and compares it with the hash. */
export const RENDERER = {
    file: "label_print_monitor/static/lib/zpl-renderer-js/3.4.0/index.umd.js",
    integrity: "sha384-zLxi1x2Dh8G+QVcPmtTOZJ9LHEfCznwdQvBXi0a1A1qExRf5CWVjezpKqq55JfcW",
};
const FETCH_SECONDS = 120;
const ASK_SECONDS = 20;
const DRAW_SECONDS = 20;
/** A worker holds some 50 MB: it ends when nobody has looked at a label for this long. */
const IDLE_SECONDS = 120;
/** Of one text: there is one label in it, unless it is from a program that has put several into one. */
const MOST_PICTURES = 10;
/** What the renderer puts around its reasons. */
const AROUND_REASON =
    /^Error rendering: (error rendering label \d+: )?(failed to draw zpl element: )?/;

/** What is outside of this file, in one place: tests put something else there. */
export const boundary = {
    fetch: (url, options) => fetch(url, options),
    hasWebAssembly: () => typeof WebAssembly === "object",
    startWorker: () => new Worker("/label_print_monitor/static/worker/draw_label.js?1"),
};

/** Why there is no picture. `kind` is a key of the words that `get_label_picture` returns. */
export class PictureError extends Error {
    /**
     * @param {"missing" | "broken" | "unreachable" | "no_webassembly" | "not_drawn" | "blank" | "late"} kind
     * @param {string} [reason] in the renderer's own words
     */
    constructor(kind, reason = "") {
        super(reason || kind);
        this.kind = kind;
        this.reason = reason;
    }

    /** @param {Object<string, string>} words @returns {string} */
    explain(words) {
        return (words[this.kind] || this.message)
            .replace("%(file)s", RENDERER.file)
            .replace("%(seconds)s", String(DRAW_SECONDS))
            .replace("%(reason)s", () => this.reason);
    }
}

function fetchFile(cache) {
    return boundary.fetch(`/${RENDERER.file}`, {
        cache,
        integrity: RENDERER.integrity,
        signal: AbortSignal.timeout(FETCH_SECONDS * 1000),
    });
}

/** Why the file could not be fetched: the browser says nothing but that it was not. */
async function askWhatIsWrong() {
    let response;
    try {
        const signal = AbortSignal.timeout(ASK_SECONDS * 1000);
        response = await boundary.fetch(`/${RENDERER.file}`, {
            method: "HEAD",
            cache: "no-store",
            signal,
        });
    } catch {
        return "unreachable";
    }
    if (response.ok) {
        return "broken";
    }
    return response.status === 404 ? "missing" : "unreachable";
}

/**
 * The renderer's file, if it is the one that belongs to this version: any other is not run.
 *
 * @returns {Promise<Blob>}
 */
async function getFile() {
    // A damaged file may be in the browser's cache long after it was replaced on the server.
    for (const cache of ["default", "reload"]) {
        try {
            const response = await fetchFile(cache);
            if (response.ok) {
                return await response.blob();
            }
        } catch (error) {
            if (error.name === "TimeoutError") {
                throw new PictureError("unreachable");
            }
        }
        const kind = await askWhatIsWrong();
        if (kind !== "broken" || cache === "reload") {
            throw new PictureError(kind);
        }
    }
}

let running = null;
let idleTimer = null;
let queue = Promise.resolve();

async function start() {
    if (!boundary.hasWebAssembly()) {
        throw new PictureError("no_webassembly");
    }
    const script = URL.createObjectURL(await getFile());
    try {
        return { worker: boundary.startWorker(), script };
    } catch {
        URL.revokeObjectURL(script);
        throw new PictureError("no_webassembly"); // or no workers: the same policies and browsers
    }
}

/** End the worker, and with it whatever it is doing. The next picture starts another. */
export function stopRenderer() {
    clearTimeout(idleTimer);
    if (running) {
        running.worker.terminate();
        URL.revokeObjectURL(running.script);
        running = null;
    }
}

/** @returns {Promise<string[]>} the worker's answer: PNG in base64 */
function ask({ worker, script }, label) {
    return new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new PictureError("late")), DRAW_SECONDS * 1000);
        const settle = (callback, value) => {
            clearTimeout(timer);
            callback(value);
        };
        worker.onmessage = ({ data }) => {
            if (data.pictures) {
                settle(resolve, data.pictures);
            } else {
                settle(reject, new PictureError(data.kind, data.reason));
            }
        };
        // The worker's own file is missing, or a policy forbids to run it.
        worker.onerror = () => settle(reject, new PictureError("no_webassembly"));
        worker.postMessage({ ...label, script });
    });
}

/** The renderer says that there is no label in a text by an error. */
function simplify(error) {
    if (error.kind !== "not_drawn") {
        return error;
    }
    const reason = error.reason.replace(AROUND_REASON, "");
    return /^no labels/.test(reason)
        ? new PictureError("blank")
        : new PictureError("not_drawn", reason);
}

async function draw(label) {
    clearTimeout(idleTimer);
    try {
        running = running || (await start());
        const pictures = await ask(running, label);
        idleTimer = setTimeout(stopRenderer, IDLE_SECONDS * 1000);
        return pictures.slice(0, MOST_PICTURES);
    } catch (error) {
        stopRenderer(); // a program in Go that has ended by an error draws nothing more
        throw error instanceof PictureError ? simplify(error) : new PictureError("unreachable");
    }
}

/**
 * Draw a label, one after the other where several are asked for.
 *
 * @param {{ zpl: string, width: number, length: number, dots: number }} label sizes in mm, `dots` in each mm
 * @returns {Promise<string[]>} PNG in base64, one for each label in the ZPL, at least one
 * @throws {PictureError}
 */
export function drawLabel({ zpl, width, length, dots }) {
    const pictures = queue.then(() => draw({ zpl, width, length, dots }));
    queue = pictures.catch(() => {});
    return pictures;
}
