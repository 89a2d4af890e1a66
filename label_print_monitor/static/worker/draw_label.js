/*
 * Draws labels apart from the page: one that takes long, or takes all memory, is ended with this worker, and the page
 * goes on. `static/src/label_picture/label_renderer.js` starts it.
 *
 * In:  { script, zpl, width, length, dots }   script: a URL of the renderer, whose hash has been checked
 * Out: { pictures: [PNG in base64] }, or { kind, reason }
 */
let api = null;

async function draw({ script, zpl, width, length, dots }) {
    let kind = "no_webassembly";
    try {
        if (!api) {
            globalThis.importScripts(script);
            ({ api } = await globalThis.zpljs.ready);
        }
        kind = "not_drawn";
        return { pictures: await api.zplToBase64MultipleAsync(zpl, width, length, dots) };
    } catch (error) {
        return { kind, reason: String((error && error.message) || error) };
    }
}

globalThis.addEventListener("message", async ({ data }) =>
    globalThis.postMessage(await draw(data))
);
