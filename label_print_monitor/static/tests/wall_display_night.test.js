/** What the wall display has to survive while nobody sits at it: many changes, a lost session, a restart. */
import { expect, test } from "@odoo/hoot";
import { advanceTime, animationFrame, queryAll } from "@odoo/hoot-dom";
import {
    getService,
    makeServerError,
    mountWithCleanup,
    onRpc,
} from "@web/../tests/web_test_helpers";
import { CHANGED } from "@label_print_monitor/live_views/live_service";
import { WebClient } from "@web/webclient/webclient";
import { defineLabelPrintModels, mockBus } from "./label_print_test_helpers";

defineLabelPrintModels();

const CHANGES = 500;
const PRINTERS = 8;
const STATUSES = ["online", "busy", "attention", "offline"];

function makeTile(value) {
    return { value, model: "label.print.job", domain: [] };
}

/** What the server says at the n-th look: printers come and go into trouble, jobs fail and are seen to. */
function makeWall(turn) {
    const printers = Array.from({ length: PRINTERS }, (_, index) => {
        const status = STATUSES[(turn + index) % STATUSES.length];
        return {
            id: index + 1,
            name: `Zebra ${index + 1}`,
            location: "Hall 1",
            status,
            status_label: status,
            reason: status === "attention" ? "Labels empty" : "",
            action: status === "attention" ? "Load labels into the printer" : "",
            order: status === "busy" ? `WH/MO/${turn}` : "",
            done: status === "busy" ? `${turn % 20} of 20` : "",
            percent: (turn % 20) * 5,
            waiting: turn % 3,
            labels_today: turn,
        };
    });
    const failures = Array.from({ length: turn % 5 }, (_, index) => ({
        id: turn * 10 + index,
        name: `Print Job ${turn * 10 + index}`,
        message: "Printer is out of paper or labels",
        action: "Load labels into printer and retry",
        date: "2026-03-02 08:00:00",
        can_retry: false,
        printer: "Zebra 1",
    }));
    const names = [
        "printing",
        "waiting",
        "attention",
        "failed_today",
        "labels_today",
        "printers_offline",
    ];
    return {
        tiles: Object.fromEntries(names.map((name) => [name, makeTile(turn)])),
        per_hour: Array.from({ length: 24 }, (_, hour) => ({
            hour: `${String(hour).padStart(2, "0")}:00`,
            labels: turn,
            failed: turn % 2,
            jobs: 1,
            succeeded: 1,
        })),
        printers,
        failures,
        version: "1",
    };
}

async function mountWall(getWall) {
    onRpc("has_group", () => false);
    onRpc("printer.configuration", "get_wall", getWall);
    await mountWithCleanup(WebClient);
    await getService("action").doAction({
        type: "ir.actions.client",
        tag: "label_print_monitor.wall_display",
        target: "fullscreen",
    });
    await animationFrame();
}

/** Let time pass in steps that are shorter than the limit of a read, so that each read is answered in between. */
async function waitMinutes(minutes) {
    for (let step = 0; step < minutes * 6; step++) {
        await advanceTime(10_000);
        await animationFrame();
    }
}

test.timeout(90_000);
test("after 500 changes the page is no larger than after the first ones", async () => {
    const bus = mockBus();
    let turn = 0;
    await mountWall(() => makeWall(turn));
    // The same picture comes back every 60 turns, of which the states of printers and failures are made.
    const changeUntil = async (last) => {
        while (turn < last) {
            turn++;
            await bus.send(CHANGED, { jobs: [turn], printers: [1], servers: [] });
            await advanceTime(500);
        }
        await advanceTime(1_000);
        await animationFrame();
        expect("[data-tile=labels_today] .o_label_print_wall_number").toHaveText(String(last));
        return queryAll("*").length;
    };
    const before = await changeUntil(60);
    expect(await changeUntil(480)).toBe(before);
    await changeUntil(CHANGES);
    expect(bus.count(CHANGED)).toBe(1);
});

test.timeout(90_000);
test("Odoo is away for an hour: it says so, and goes on by itself", async () => {
    const bus = mockBus();
    let isAway = false;
    let turn = 1;
    await mountWall(() => {
        if (isAway) {
            throw makeServerError({ message: "502 Bad Gateway" });
        }
        return makeWall(turn);
    });
    isAway = true;
    bus.trigger("BUS:DISCONNECT");
    await waitMinutes(61);
    expect(".o_label_print_freshness").toHaveText(/interrupted since/);
    expect(".o_label_print_freshness").toHaveText(/1 h ago/);
    expect("[data-tile=labels_today] .o_label_print_wall_number").toHaveText("1");
    isAway = false;
    turn = 2;
    bus.trigger("BUS:RECONNECT");
    await animationFrame();
    await advanceTime(1_000);
    await animationFrame();
    expect(".o_label_print_freshness .alert").toHaveCount(0);
    expect("[data-tile=labels_today] .o_label_print_wall_number").toHaveText("2");
    turn = 3;
    await bus.send(CHANGED, { jobs: [1], printers: [], servers: [] });
    await advanceTime(1_000);
    await animationFrame();
    expect("[data-tile=labels_today] .o_label_print_wall_number").toHaveText("3");
    expect(bus.count(CHANGED)).toBe(1);
});

test.timeout(90_000);
test("a session that expires at night and comes back", async () => {
    let isExpired = false;
    await mountWall(() => {
        if (isExpired) {
            throw makeServerError({ errorName: "odoo.http.SessionExpiredException" });
        }
        return makeWall(1);
    });
    isExpired = true;
    await waitMinutes(30);
    expect(".o_label_print_freshness").toHaveText(/session has expired/);
    isExpired = false;
    await waitMinutes(2);
    expect(".o_label_print_freshness .alert").toHaveCount(0);
    expect(".modal").toHaveCount(0);
});
