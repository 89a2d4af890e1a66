import { expect, test } from "@odoo/hoot";
import { advanceTime, animationFrame, queryAll, queryAllTexts, queryOne } from "@odoo/hoot-dom";
import {
    getService,
    makeServerError,
    mockService,
    mountWithCleanup,
    onRpc,
} from "@web/../tests/web_test_helpers";
import { browser } from "@web/core/browser/browser";
import { Deferred } from "@web/core/utils/concurrency";
import { WebClient } from "@web/webclient/webclient";
import { LONGEST_READ } from "@label_print_monitor/live_views/use_live";
import {
    callWithExpiredSession,
    defineLabelPrintModels,
    mockBus,
    sendChanged,
} from "./label_print_test_helpers";

defineLabelPrintModels();

const tile = (value) => ({ value, model: "label.print.job", domain: [] });

function makePrinter(id, values = {}) {
    return {
        id,
        name: `Zebra ${id}`,
        location: `Line ${id}`,
        status: "online",
        status_label: "Online",
        reason: "",
        action: "",
        order: "",
        done: "",
        percent: 0,
        waiting: 0,
        labels_today: 0,
        ...values,
    };
}

const TROUBLED = makePrinter(1, {
    status: "attention",
    status_label: "Needs Attention",
    reason: "Labels empty",
    action: "Load labels into the printer",
});

function makeWall(values = {}) {
    return {
        tiles: {
            printing: tile(2),
            waiting: tile(0),
            attention: tile(1),
            failed_today: tile(3),
            labels_today: tile(12345),
            printers_offline: tile(1),
        },
        per_hour: [],
        printers: [
            TROUBLED,
            makePrinter(2, { order: "WH/MO/00002", done: "8 of 20", percent: 40 }),
        ],
        failures: [
            {
                id: 9,
                name: "Print Job 9",
                message: "Printer is out of paper or labels",
                action: "Load labels into printer and retry",
                date: "2026-03-02 08:00:00",
                can_retry: false,
                printer: "Zebra 1",
            },
        ],
        ...values,
    };
}

async function mountWall(getWall, { mayLeave = false } = {}) {
    onRpc("has_group", () => mayLeave);
    onRpc("printer.configuration", "get_wall", getWall);
    await mountWithCleanup(WebClient);
    await getService("action").doAction({
        type: "ir.actions.client",
        tag: "label_print_monitor.wall_display",
        target: "fullscreen",
    });
    await animationFrame();
}

test("printers, figures, and what needs somebody; nothing can be touched", async () => {
    await mountWall(() => makeWall());
    expect(".o_main_navbar").toHaveCount(0);
    expect("[data-tile=labels_today]").toHaveText(/12,345/);
    expect(".o_label_print_wall_printer:last").toHaveText(/WH\/MO\/00002 8 of 20/);
    expect(queryAllTexts(".o_label_print_wall_trouble h3")).toEqual(["Zebra 1", "Print Job 9"]);
    expect(".o_label_print_wall_trouble:first").toHaveText(/Load labels into the printer/);
    expect(".o_label_print_wall :is(button, a, input, [tabindex])").toHaveCount(0);
});

test("what will stop a printer comes last, and its card says what is left", async () => {
    const warned = makePrinter(3, {
        roll: "About 40 labels left",
        warnings: [
            { title: "Labels low", action: "Have a new roll of labels ready" },
            { title: "Print head to be cleaned", action: "Clean the print head" },
        ],
    });
    // Of one that stands still its trouble is said, and nothing else.
    const standing = { ...TROUBLED, warnings: [{ title: "Ribbon low", action: "" }] };
    await mountWall(() => makeWall({ printers: [standing, warned] }));
    expect(".o_label_print_wall_roll").toHaveCount(1);
    expect(".o_label_print_wall_printer:last").toHaveText(/About 40 labels left/);
    // Those that have no room take turns, and are there unseen.
    const lines = queryAll(".o_label_print_wall_trouble");
    expect(lines.map((line) => line.querySelector("h3").textContent.trim())).toEqual([
        "Zebra 1",
        "Print Job 9",
        "Zebra 3",
    ]);
    expect(lines.at(-1).textContent).toMatch(
        /Labels low · Print head to be cleaned[\s\S]*Have a new roll of labels ready · Clean the print head/
    );
    expect(".o_label_print_wall_trouble:last").toHaveClass("o_label_print_wall_warning");
});

test("of a printer with an incident its line is the incident's, and its card is red", async () => {
    const incident = {
        id: 4,
        is_open: true,
        printer_id: 1,
        name: "Zebra 1 (Hall 1)",
        message: "Printer is out of paper or labels",
        action: "Load labels into the printer",
        date: "2026-03-02 08:00:00",
        waiting: 10,
        stopped: 3,
        person: "Sam",
    };
    const printers = [{ ...TROUBLED, has_incident: true }, makePrinter(2)];
    await mountWall(() => makeWall({ printers, incidents: [incident], failures: [] }));
    expect(".o_label_print_wall_trouble").toHaveCount(1);
    expect(".o_label_print_wall_trouble").toHaveClass("o_label_print_wall_danger");
    expect(".o_label_print_wall_trouble").toHaveText(
        /Zebra 1 \(Hall 1\)[\s\S]*out of paper[\s\S]*Load labels[\s\S]*10 jobs wait · 3 jobs lack labels · Sam is on it/
    );
    expect(".o_label_print_wall_printer:first").toHaveClass("o_label_print_wall_danger");
});

test("who has other pages may leave it", async () => {
    await mountWall(() => makeWall(), { mayLeave: true });
    expect(".o_label_print_wall button").toHaveText("Leave");
});

test("it follows the bus", async () => {
    let wall = makeWall();
    await mountWall(() => wall);
    wall = makeWall({ printers: [makePrinter(2)], failures: [] });
    await sendChanged({ printers: [1] });
    expect(".o_label_print_wall_trouble").toHaveCount(0);
    expect(".o_label_print_wall").toHaveText(/All is well/);
});

test("printers that do not fit take turns, and what needs somebody stays", async () => {
    const printers = [
        TROUBLED,
        ...Array.from({ length: 99 }, (_, index) => makePrinter(index + 2)),
    ];
    await mountWall(() => makeWall({ printers }));
    const seen = new Set();
    for (let turn = 0; turn < 100 && seen.size < 100; turn++) {
        for (const name of queryAllTexts(".o_label_print_wall_printer h3")) {
            seen.add(name);
        }
        expect(".o_label_print_wall_trouble:first h3").toHaveText("Zebra 1");
        await advanceTime(12_000);
        await animationFrame();
    }
    expect(seen.size).toBe(100);
});

/** So many as the server sends at most. */
const makeFailures = () =>
    Array.from({ length: 8 }, (_, index) => ({
        id: index,
        name: `Print Job ${index}`,
        message: "Printer is out of paper or labels",
        action: "Load labels into printer and retry",
        date: "2026-03-02 08:00:00",
        can_retry: false,
        printer: "Zebra 1",
    }));

test("what has no room is counted, not cut", async () => {
    await mountWall(() => makeWall({ failures: makeFailures(), failures_count: 30 }));
    await animationFrame();
    const list = queryOne(".o_label_print_wall_right > section").getBoundingClientRect();
    const cards = queryAll(".o_label_print_wall_trouble:not(.invisible)");
    for (const card of cards.slice(1)) {
        expect(card.getBoundingClientRect().bottom).toBeLessThan(list.bottom + 1);
    }
    expect("#label_print_wall_troubles").toHaveText(
        new RegExp(`and ${30 + 1 - cards.length} more`)
    );
});

test("incidents that were not sent are counted, and their printers are not counted again", async () => {
    const incidents = Array.from({ length: 8 }, (_, index) => ({
        id: index,
        is_open: true,
        printer_id: index + 10,
        name: `Zebra ${index + 10}`,
        message: "Printer is out of paper or labels",
        action: "Load labels into the printer",
        date: "2026-03-02 08:00:00",
        waiting: 0,
        stopped: 0,
        person: "",
    }));
    const printers = Array.from({ length: 20 }, (_, index) =>
        makePrinter(index + 10, { ...TROUBLED, id: index + 10, has_incident: true })
    );
    await mountWall(() =>
        makeWall({ printers, incidents, incidents_count: 20, failures: [], failures_count: 0 })
    );
    await animationFrame();
    const seen = queryAll(".o_label_print_wall_trouble:not(.invisible)").length;
    expect("#label_print_wall_troubles").toHaveText(new RegExp(`and ${20 - seen} more`));
});

test("an answer that comes late does not replace a newer one", async () => {
    const late = new Deferred();
    let wall = makeWall({ failures: [] });
    await mountWall(() => wall);
    wall = late;
    await sendChanged({ printers: [1] });
    wall = makeWall({ printers: [makePrinter(2)], failures: [] });
    for (const delay of [LONGEST_READ, 3_000, 3_000]) {
        await advanceTime(delay);
        await animationFrame();
        await animationFrame();
    }
    expect(".o_label_print_wall_trouble").toHaveCount(0);
    late.resolve(makeWall());
    await animationFrame();
    await animationFrame();
    expect(".o_label_print_wall_trouble").toHaveCount(0);
});

test("a page that is left open while Odoo or the addon is updated loads itself anew", async () => {
    browser.location.addEventListener("reload", () => expect.step("reload"));
    const bus = mockBus();
    let version = "1";
    await mountWall(() => makeWall({ version }));
    version = "2";
    await bus.send("label_print_monitor/changed", { jobs: [], printers: [1], servers: [] });
    await animationFrame();
    expect.verifySteps(["reload"]);
    bus.trigger("BUS:OUTDATED");
    expect.verifySteps(["reload"]);
});

test("an expired session is said in words and the picture stays", async () => {
    mockService("dialog", { add: () => expect.step("dialog") });
    let isExpired = false;
    await mountWall(() => {
        if (isExpired) {
            throw makeServerError({ errorName: "odoo.http.SessionExpiredException" });
        }
        return makeWall();
    });
    isExpired = true;
    await sendChanged({ printers: [1] });
    expect(".o_label_print_freshness .alert").toHaveText(/session has expired/);
    expect("a[href='/web/login?redirect=/odoo/label-wall']").toHaveCount(1);
    expect("[data-tile=labels_today]").toHaveText(/12,345/);
    // Somebody has logged in, in another tab of this browser.
    isExpired = false;
    await advanceTime(3_000);
    await animationFrame();
    expect(".o_label_print_freshness .alert").toHaveCount(0);
    expect.verifySteps([]);
});

test("another module's call with an expired session opens no dialog over the page", async () => {
    mockService("dialog", { add: () => expect.step("dialog") });
    await mountWall(() => makeWall());
    await callWithExpiredSession();
    expect(".o_label_print_freshness .alert").toHaveText(/session has expired/);
    expect.verifySteps([]);
});
