import { after, beforeEach, expect, test } from "@odoo/hoot";
import { animationFrame, press, queryOne, waitFor } from "@odoo/hoot-dom";
import { advanceTime, Deferred } from "@odoo/hoot-mock";
import {
    boundary,
    RENDERER,
    stopRenderer,
} from "@label_print_monitor/label_picture/label_renderer";
import { findEnds } from "@label_print_monitor/label_picture/picture_pixels";
import {
    contains,
    makeServerError,
    mountView,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import {
    defineLabelGridModels,
    LabelPrintRetryWizard,
    makeAccount,
    mockIntersection,
} from "./label_grid_test_helpers";
import { defineLabelPrintModels, LabelPrintJob } from "./label_print_test_helpers";

defineLabelPrintModels();
defineLabelGridModels();

const DIALOG = ".o_label_print_picture_dialog";
const PICTURE = `${DIALOG} .o_label_print_picture`;
const PROBLEM = `${DIALOG} .o_label_print_picture_problem`;
const square = (index) => `.o_label_print_square[data-index="${index}"]`;
const WORDS = {
    approximation: "Approximation",
    alt: "Picture, an approximation.",
    alt_says: "It says:",
    missing: "Not installed: %(file)s",
    broken: "Damaged: %(file)s",
    unreachable: "Could not be fetched",
    no_webassembly: "No WebAssembly",
    not_drawn: "Cannot be drawn: %(reason)s",
    blank: "Draws nothing",
    late: "Stopped after %(seconds)s seconds",
};
const READ = {
    zpl: "^XA^FDSoup^FS^XZ",
    width: 2,
    length: 1,
    dots: 8,
    cuts_width: false,
    cuts_length: false,
    size: "2 × 1 mm",
    name: "Box 1",
    says: "Soup",
    note: "",
    problem: "",
    words: WORDS,
};

/** A PNG with one black square in the upper left corner, or none. */
function makePng({ isBlank = false, width = 200, height = 100 } = {}) {
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { width, height });
    const context = canvas.getContext("2d");
    context.fillStyle = "white";
    context.fillRect(0, 0, width, height);
    if (!isBlank) {
        context.fillStyle = "black";
        context.fillRect(10, 10, 20, 20);
    }
    return canvas.toDataURL("image/png").split(",")[1];
}

/**
 * The renderer, replaced where it is loaded.
 *
 * @param {Object} [options]
 * @param {(url: string, options: Object) => Object} [options.fetch]
 * @param {(label: Object) => Object | Promise<Object>} [options.draw] the worker's answers
 */
function mockRenderer({ fetch, draw = () => ({ pictures: [makePng()] }) } = {}) {
    let isOver = false;
    after(() => {
        isOver = true;
        stopRenderer(); // it is kept for the next picture, which is another test's
    });
    patchWithCleanup(boundary, {
        fetch: async (url, options) => {
            expect.step(`${options.method || "GET"} ${options.cache}`);
            expect(url).toBe(`/${RENDERER.file}`);
            return fetch
                ? fetch(url, options)
                : { ok: true, status: 200, blob: () => new Blob(["x"]) };
        },
        startWorker: () => {
            expect.step("start");
            const worker = {
                terminate: () => isOver || expect.step("end"),
                postMessage: async (label) => {
                    const data = await draw(label);
                    if (data) {
                        worker.onmessage({ data });
                    }
                },
            };
            return worker;
        },
    });
}

function mockReads(answers = {}) {
    onRpc("label.print.job", "get_label_picture", ({ args }) => {
        expect.step(`read ${args[1]}`);
        return answers[args[1]] || { ...READ, name: `Box ${args[1]}` };
    });
}

async function openPicture(index) {
    await mountView({
        type: "form",
        resModel: "label.print.job",
        resId: 1,
        arch: `<form><field name="status"/><field name="labels" widget="label_print_label_grid" readonly="1"/></form>`,
    });
    await contains(square(index)).click();
    await contains(".o_label_print_story_picture").click();
    await animationFrame();
}

beforeEach(() => {
    mockIntersection();
    LabelPrintJob._records[0].labels = makeAccount({ runs: [[3, "confirmed"]] });
    LabelPrintJob._records[0].status = "completed";
    onRpc("label.print.job", "get_label_story", ({ args }) => ({
        index: args[1],
        state: "confirmed",
        state_label: "Confirmed",
        entries: [],
        actions: [],
    }));
});

test("a label is drawn once somebody asks, marked as an approximation, and named", async () => {
    mockRenderer({
        draw: ({ zpl, width, length, dots, script }) => {
            expect.step(`draw ${zpl} ${width} ${length} ${dots} ${script.split(":")[0]}`);
            return { pictures: [makePng()] };
        },
    });
    mockReads();
    await openPicture(2);
    await waitFor(PICTURE);
    expect.verifySteps(["read 2", "GET default", "start", "draw ^XA^FDSoup^FS^XZ 2 1 8 blob"]);
    expect(PICTURE).toHaveAttribute("alt", "Picture, an approximation. Box 2 It says: Soup");
    expect(PICTURE).toHaveAttribute("width", "200");
    expect(".o_label_print_picture_approximation").toHaveText("Approximation");
    expect(".o_label_print_story").toHaveCount(0);
    await contains(`${DIALOG} .btn-primary`).click();
    expect(DIALOG).toHaveCount(0);
    expect(square(2)).toBeFocused();
});

test("it goes from label to label, and one worker draws them all until nobody looks", async () => {
    mockRenderer();
    mockReads();
    await openPicture(1);
    await waitFor(PICTURE);
    expect("[data-by='-1']").toHaveAttribute("aria-disabled", "true");
    await contains("[data-by='-1']").click();
    await contains("[data-by='1']").click();
    await contains("[data-by='1']").click();
    await waitFor(PICTURE);
    expect(`${DIALOG} [role=status]`).toHaveText("Label 3: 3 of 3");
    expect("[data-by='1']").toHaveAttribute("aria-disabled", "true");
    expect.verifySteps(["read 1", "GET default", "start", "read 2", "read 3"]);
    await advanceTime(121_000);
    expect.verifySteps(["end"]);
    await press("Escape");
    await animationFrame();
    expect(DIALOG).toHaveCount(0);
});

test("keys that come faster than drawings end at the last label", async () => {
    mockRenderer();
    mockReads();
    await openPicture(2);
    await waitFor(PICTURE);
    for (let presses = 0; presses < 4; presses++) {
        queryOne("[data-by='1']").click(); // nothing is drawn between them
    }
    await animationFrame();
    await waitFor(PICTURE);
    expect(`${DIALOG} [role=status]`).toHaveText("Label 3: 3 of 3");
    expect.verifySteps(["read 2", "GET default", "start", "read 3"]);
});

test("where the size is not known the picture ends behind what is drawn", async () => {
    mockRenderer();
    mockReads({ 1: { ...READ, cuts_width: true, cuts_length: true } });
    await openPicture(1);
    await waitFor(PICTURE);
    const { width, height } = queryOne(PICTURE);
    expect(Number(queryOne(PICTURE).getAttribute("width"))).toBe(53);
    expect(Number(queryOne(PICTURE).getAttribute("height"))).toBe(53);
    expect(width && height).not.toBe(0);
    expect.verifySteps(["read 1", "GET default", "start"]);
});

const failing = () => {
    throw new TypeError("Failed to fetch");
};
const answer = (status) => ({ ok: status < 400, status, blob: () => new Blob([]) });

test("a file that is missing", async () => {
    mockRenderer({
        fetch: (_url, { method }) => (method === "HEAD" ? answer(404) : failing()),
    });
    mockReads();
    await openPicture(1);
    await waitFor(PROBLEM);
    expect(`${PROBLEM} bdi`).toHaveText(`Not installed: ${RENDERER.file}`);
    expect.verifySteps(["read 1", "GET default", "HEAD no-store"]);
});

test("a file that is damaged is fetched past the cache, and never run", async () => {
    mockRenderer({
        fetch: (_url, { method, integrity }) => {
            if (method === "HEAD") {
                return answer(200);
            }
            expect(integrity).toMatch(/^sha384-/);
            return failing();
        },
    });
    mockReads();
    await openPicture(1);
    await waitFor(PROBLEM);
    expect(`${PROBLEM} bdi`).toHaveText(`Damaged: ${RENDERER.file}`);
    expect.verifySteps(["read 1", "GET default", "HEAD no-store", "GET reload", "HEAD no-store"]);
});

test("a damaged file in the browser's cache alone does no harm", async () => {
    mockRenderer({
        fetch: (_url, { method, cache }) =>
            method === "HEAD" || cache === "reload" ? answer(200) : failing(),
    });
    mockReads();
    await openPicture(1);
    await waitFor(PICTURE);
    expect.verifySteps(["read 1", "GET default", "HEAD no-store", "GET reload", "start"]);
});

test("no connection, then another try", async () => {
    let isConnected = false;
    mockRenderer({ fetch: () => (isConnected ? answer(200) : failing()) });
    mockReads();
    await openPicture(1);
    await waitFor(PROBLEM);
    expect(`${PROBLEM} bdi`).toHaveText("Could not be fetched");
    isConnected = true;
    await contains(`${PROBLEM} button`).click();
    await waitFor(PICTURE);
    expect.verifySteps([
        "read 1",
        "GET default",
        "HEAD no-store",
        "read 1",
        "GET default",
        "start",
    ]);
});

test("a browser without WebAssembly, and one that forbids it, fetch and draw nothing", async () => {
    mockRenderer({ draw: () => ({ kind: "no_webassembly", reason: "CompileError" }) });
    mockReads();
    patchWithCleanup(boundary, { hasWebAssembly: () => false });
    await openPicture(1);
    await waitFor(PROBLEM);
    expect(`${PROBLEM} bdi`).toHaveText("No WebAssembly");
    expect.verifySteps(["read 1"]);
    patchWithCleanup(boundary, { hasWebAssembly: () => true });
    await contains(`${PROBLEM} button`).click();
    await waitFor(PROBLEM);
    expect(`${PROBLEM} bdi`).toHaveText("No WebAssembly");
    expect.verifySteps(["read 1", "GET default", "start", "end"]);
});

test("a label that cannot be drawn, one that draws nothing, one that is blank", async () => {
    const answers = [
        {
            kind: "not_drawn",
            reason: "Error rendering: error rendering label 0: failed to draw zpl element: too big",
        },
        { kind: "not_drawn", reason: "Error rendering: no labels parsed" },
        { pictures: [makePng({ isBlank: true })] },
    ];
    mockRenderer({ draw: () => answers.shift() });
    mockReads();
    await openPicture(1);
    for (const words of ["Cannot be drawn: too big", "Draws nothing", "Draws nothing"]) {
        await waitFor(PROBLEM);
        expect(`${PROBLEM} bdi`).toHaveText(words);
        expect(`${DIALOG} .o_clipboard_button`).toHaveCount(1);
        await contains("[data-by='1']").click();
    }
    // A renderer that has failed is started anew.
    expect.verifySteps([
        ..."read 1,GET default,start,end,read 2,GET default,start,end,read 3,GET default,start".split(
            ","
        ),
    ]);
});

test("drawing that does not end is stopped", async () => {
    const drawn = new Deferred();
    mockRenderer({ draw: () => drawn });
    mockReads();
    await openPicture(1);
    await waitFor(".o_label_print_picture_wait");
    await advanceTime(19_000);
    expect(PROBLEM).toHaveCount(0);
    await advanceTime(2_000);
    await waitFor(PROBLEM);
    expect(`${PROBLEM} bdi`).toHaveText("Stopped after 20 seconds");
    expect.verifySteps(["read 1", "GET default", "start", "end"]);
});

test("of labels asked for quickly the last is shown", async () => {
    const first = new Deferred();
    mockRenderer();
    onRpc("label.print.job", "get_label_picture", async ({ args }) => {
        if (args[1] === 1) {
            await first;
        }
        return { ...READ, name: `Box ${args[1]}` };
    });
    await openPicture(1);
    await contains("[data-by='1']").click();
    await waitFor(PICTURE);
    first.resolve();
    await animationFrame();
    expect(`${DIALOG} p bdi`).toHaveText("Box 2");
    expect.verifySteps(["GET default", "start"]);
});

test("what Odoo says instead of a picture: no ZPL, no rights, and nothing opens Odoo's error dialog", async () => {
    mockRenderer();
    mockReads({ 1: { ...READ, zpl: "", problem: "No ZPL is kept" } });
    await openPicture(1);
    await waitFor(PROBLEM);
    expect(`${PROBLEM} bdi`).toHaveText("No ZPL is kept");
    expect(`${DIALOG} .o_clipboard_button`).toHaveCount(0);
    onRpc("label.print.job", "get_label_picture", () => {
        throw makeServerError({ type: "AccessError", message: "You may not read this." });
    });
    await contains("[data-by='1']").click();
    await waitFor(PROBLEM);
    expect(`${PROBLEM} bdi`).toHaveText("You may not read this.");
    expect(".o_error_dialog").toHaveCount(0);
    expect.verifySteps(["read 1"]);
});

test("a dialog about labels shows those that it asks about", async () => {
    mockRenderer();
    mockReads();
    LabelPrintRetryWizard._records = [
        {
            id: 1,
            job_id: 1,
            grid: makeAccount({ runs: [[20, "uncertain"]], asked: [9, 12], selectable: [15, 9] }),
        },
    ];
    await mountView({
        type: "form",
        resModel: "label.print.retry.wizard",
        resId: 1,
        arch: `
            <form>
                <field name="job_id"/>
                <widget name="label_print_pictures" options="{'grid_field': 'grid'}"/>
            </form>`,
    });
    await contains(".o_label_print_pictures").click();
    await waitFor(PICTURE);
    expect(`${DIALOG} [role=status]`).toHaveText("Label 9: 1 of 3");
    await contains("[data-by='1']").click();
    await waitFor(PICTURE);
    expect(`${DIALOG} [role=status]`).toHaveText("Label 12: 2 of 3");
    expect.verifySteps(["read 9", "GET default", "start", "read 12"]);
});

test("the ends of what is drawn", () => {
    const data = new Uint8ClampedArray(4 * 4 * 3).fill(255);
    expect(findEnds({ data, width: 4, height: 3 })).toBe(null);
    data.fill(0, 4 * 5, 4 * 5 + 3); // row 1, column 1
    expect(findEnds({ data, width: 4, height: 3 })).toEqual({ right: 1, bottom: 1 });
    data.fill(0, 4 * 2, 4 * 2 + 4); // transparent
    expect(findEnds({ data, width: 4, height: 3 })).toEqual({ right: 1, bottom: 1 });
});
