import { expect, test } from "@odoo/hoot";
import { animationFrame, click, queryAllTexts } from "@odoo/hoot-dom";
import { advanceTime } from "@odoo/hoot-mock";
import {
    getService,
    makeServerError,
    mountWithCleanup,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { utils as uiUtils } from "@web/core/ui/ui_service";
import { Deferred } from "@web/core/utils/concurrency";
import { WebClient } from "@web/webclient/webclient";
import { LONGEST_ACT } from "@label_print_monitor/operator_page/use_acts";
import { defineLabelPrintModels, mockBus } from "./label_print_test_helpers";

defineLabelPrintModels();

async function mountOverview() {
    await mountWithCleanup(WebClient);
    await getService("action").doAction({
        type: "ir.actions.client",
        tag: "label_print_monitor.overview",
    });
    await animationFrame();
}

function makeData(values = {}) {
    const tile = (value, model = "label.print.job") => ({
        value,
        model,
        domain: [["id", ">", value]],
    });
    return {
        tiles: {
            printing: tile(2),
            waiting: tile(0),
            attention: tile(1),
            failed_today: tile(3),
            labels_today: tile(12345),
            printers_offline: tile(1, "printer.configuration"),
        },
        per_hour: Array.from({ length: 24 }, (_, hour) => ({
            hour: `${String(hour).padStart(2, "0")}:00`,
            labels: hour === 9 ? 40 : 0,
            failed: 0,
            jobs: hour === 9 ? 4 : 0,
            succeeded: hour === 9 ? 3 : 0,
        })),
        printers: [
            {
                id: 4,
                name: "Zebra 1",
                status: "attention",
                status_label: "Needs Attention",
                reason: "Out of labels",
                waiting: 2,
                labels_today: 40,
            },
        ],
        failures: [
            {
                id: 9,
                name: "Job 9",
                is_failed: true,
                message: "Printer is out of paper or labels",
                action: "Load labels",
                date: "2026-03-02 08:00:00",
                can_retry: true,
                printer: "Zebra 1",
            },
        ],
        servers: [],
        ...values,
    };
}

test("one call fills the page, and each tile is a link", async () => {
    mockBus();
    onRpc("label.print.job", "get_overview", () => {
        expect.step("get_overview");
        return makeData();
    });
    await mountOverview();
    patchWithCleanup(getService("action"), {
        doAction: (action) => expect.step([action.res_model, action.domain]),
    });
    expect.verifySteps(["get_overview"]);
    expect(".o_label_print_tile").toHaveCount(6);
    expect(".o_label_print_tile[data-tile=labels_today]").toHaveText(/12,345/);
    expect("canvas[role=img]").toHaveCount(2);
    expect("canvas:first").toHaveAttribute("aria-label", /labels printed today: 40/);
    expect("canvas:last").toHaveAttribute("aria-label", /3 of 4 jobs that ended today/);
    expect(".o_label_print_card h3:last").toHaveText("Attempts that succeeded today 75%");
    expect(queryAllTexts("table:first tbody tr:last *")).toEqual(["9:00 AM", "40", "0"]);
    expect(queryAllTexts("table:last tbody tr:last *")).toEqual(["9:00 AM", "75%"]);
    expect("table:first caption").toHaveText(/labels printed today: 40/);
    expect(".o_label_print_printer").toHaveText(/Needs Attention[\s\S]*Out of labels/);
    await click(".o_label_print_tile[data-tile=failed_today]");
    await click(".o_label_print_tile[data-tile=printers_offline]");
    expect.verifySteps([
        ["label.print.job", [["id", ">", 3]]],
        ["printer.configuration", [["id", ">", 1]]],
    ]);
});

test("labels known less well than asked for are said in words, and not in green", async () => {
    mockBus();
    const data = makeData();
    data.tiles.labels_today.note = "3 completed jobs lack the evidence asked for";
    Object.assign(data.failures[0], {
        labels: "8 of 20",
        evidence: "Reported by the Print Server",
        is_copy: true,
    });
    onRpc("label.print.job", "get_overview", () => data);
    await mountOverview();
    expect("[data-tile=labels_today]").toHaveText(/3 completed jobs lack the evidence asked for/);
    expect("[data-tile=labels_today]").toHaveClass("o_label_print_edge_secondary");
    expect("[data-tile=labels_today] .text-success").toHaveCount(0);
    expect(".o_label_print_failure").toHaveText(
        /8 of 20 · Reported by the Print Server[\s\S]*Copies/
    );
});

test("what needs somebody comes first, and of many a link leads to the rest", async () => {
    mockBus();
    const failures = Array.from({ length: 5 }, (_, index) => ({
        ...makeData().failures[0],
        id: index + 1,
        is_failed: index > 0,
        message: index ? "Printer is out of paper or labels" : "Waiting for labels",
    }));
    const printers = Array.from({ length: 9 }, (_, index) => ({
        ...makeData().printers[0],
        id: index + 1,
        name: `Zebra ${index + 1}`,
    }));
    const data = makeData({ failures, printers });
    data.tiles.attention.value = 300;
    onRpc("label.print.job", "get_overview", () => data);
    await mountOverview();
    expect(queryAllTexts(".o_label_print_card h2")).toEqual([
        "What needs somebody",
        "Printers that need somebody",
        "Today",
    ]);
    expect(".o_label_print_failure:first .text-danger").toHaveCount(0);
    expect(".o_label_print_failure .text-danger").toHaveCount(4);
    expect(".o_label_print_printer").toHaveCount(6);
    expect(queryAllTexts(".o_label_print_more")).toEqual(["and 295 more", "and 3 more"]);
    patchWithCleanup(getService("action"), {
        doAction: (action) => expect.step([action.res_model, action.domain]),
    });
    await click(".o_label_print_more:first");
    await click(".o_label_print_more:last");
    expect.verifySteps([
        ["label.print.job", [["id", ">", 1]]],
        ["printer.configuration", [["id", ">", 1]]],
    ]);
});

test("a phone opens on what needs somebody, and the numbers follow", async () => {
    onRpc("label.print.job", "get_overview", () => makeData());
    patchWithCleanup(uiUtils, { isSmall: () => true });
    await mountOverview();
    const titles = queryAllTexts(".o_label_print_overview h2");
    expect(titles[0]).toBe("What needs somebody");
    expect(titles).toInclude("Today in numbers");
    expect("[data-tile]").toHaveCount(6);
});

test("a printer that warns of something needs somebody, and is not in trouble", async () => {
    mockBus();
    const [troubled] = makeData().printers;
    const warned = {
        ...troubled,
        id: 5,
        name: "Zebra 2",
        status: "online",
        status_label: "Online",
        reason: "Ribbon low",
        warnings: [
            { title: "Ribbon low", action: "Have a new ribbon ready" },
            { title: "About 40 labels left, the next job needs 200", action: "Have a roll ready" },
        ],
    };
    const well = { ...warned, id: 6, name: "Zebra 3", reason: "", warnings: [] };
    onRpc("label.print.job", "get_overview", () =>
        makeData({ printers: [warned, well, troubled] })
    );
    await mountOverview();
    const card = "[aria-labelledby=label_print_troubled_printers]";
    expect(`${card} .o_label_print_printer`).toHaveCount(2);
    expect(`${card} .o_label_print_printer:first`).toHaveText(/Zebra 1/);
    expect(`${card} .o_label_print_printer:last`).toHaveClass("o_label_print_edge_warning");
    expect(`${card} .o_label_print_printer:last`).toHaveText(
        /Zebra 2[\s\S]*Online[\s\S]*Ribbon low[\s\S]*Have a new ribbon ready[\s\S]*About 40 labels left, the next job needs 200/
    );
    expect("[aria-labelledby=label_print_printers] .o_label_print_printer").toHaveCount(1);
    expect("[aria-labelledby=label_print_printers]").toHaveText(/Zebra 3/);
});

test("it follows the bus", async () => {
    const bus = mockBus();
    let data = makeData();
    onRpc("label.print.job", "get_overview", () => data);
    await mountOverview();
    data = makeData({ failures: [] });
    data.tiles.printing.value = 17;
    await bus.send("label_print_monitor/changed", { jobs: [1], printers: [], servers: [] });
    await animationFrame();
    await animationFrame();
    expect(".o_label_print_tile[data-tile=printing]").toHaveText(/17/);
    expect(".o_label_print_failure").toHaveCount(0);
});

test("a failure is retried from here", async () => {
    mockBus();
    onRpc("label.print.job", "get_overview", () => makeData());
    onRpc("label.print.job", "action_retry", ({ args }) => {
        expect.step(`retry ${args[0]}`);
        return false;
    });
    await mountOverview();
    await click(".o_label_print_failure button:contains(Retry)");
    await animationFrame();
    expect.verifySteps(["retry 9"]);
});

test("an empty day says what to do first", async () => {
    mockBus();
    onRpc("label.print.job", "get_overview", () =>
        makeData({ per_hour: [], printers: [], failures: [] })
    );
    await mountOverview();
    expect("canvas").toHaveCount(0);
    expect(queryAllTexts(".o_label_print_card p")).toHaveLength(3);
});

test("of a hundred printers those in trouble come first, and a link leads to the rest", async () => {
    mockBus();
    const printers = Array.from({ length: 100 }, (_, index) => ({
        id: index + 1,
        name: `Zebra ${index + 1}`,
        status: index === 98 ? "offline" : "online",
        status_label: "",
        reason: "",
        waiting: 0,
        labels_today: 1234,
    }));
    onRpc("label.print.job", "get_overview", () => makeData({ printers }));
    await mountOverview();
    expect(".o_label_print_printer").toHaveCount(24);
    expect(".o_label_print_printer:first").toHaveText(/Zebra 99[\s\S]*Labels today: 1,234/);
    expect(".o_label_print_card button:contains(All 100 printers)").toHaveCount(1);
});

test("an administrator of a new database is led to the first label", async () => {
    const step = (name, missing, button, method) => ({
        name,
        is_done: !missing,
        missing,
        button,
        method,
    });
    let first_steps = [
        step("connect", false, false, "action_connect_first"),
        step("printer", false, false, "action_open_printers"),
        step("test", "Print one label.", "Print Test Label", "action_print_first"),
    ];
    const bus = mockBus();
    onRpc("label.print.job", "get_overview", () => makeData({ first_steps }));
    onRpc("label.print.server", "action_print_first", () => {
        expect.step("print");
        return { type: "ir.actions.act_window_close" };
    });
    await mountOverview();
    expect(".o_label_print_first_steps li").toHaveCount(3);
    expect(".o_label_print_first_steps .fa-check-circle").toHaveCount(2);
    expect("[data-step=test]").toHaveText(/3\. Test label\s*Print one label\./);
    await click("[data-step=test] button");
    await animationFrame();
    expect.verifySteps(["print"]);
    first_steps = [];
    await bus.send("label_print_monitor/changed", { jobs: [], printers: [], servers: [1] });
    await advanceTime(400);
    await animationFrame();
    expect(".o_label_print_first_steps").toHaveCount(0);
});

test("a button that acts is pressed once, and what a call that fails has met is shown", async () => {
    expect.errors(1);
    const answer = new Deferred();
    let data = makeData();
    onRpc("label.print.job", "get_overview", () => data);
    onRpc("label.print.job", "action_retry", async () => {
        expect.step("retry");
        await answer;
        throw makeServerError({ message: "Somebody prints it already." });
    });
    await mountOverview();
    const retry = ".o_label_print_failure button[aria-label='Retry Job 9']";
    await click(retry);
    await animationFrame();
    expect(retry).not.toBeEnabled();
    await click(retry, { force: true });
    data = makeData({ failures: [] });
    answer.resolve();
    await animationFrame();
    await animationFrame();
    await animationFrame();
    expect.verifySteps(["retry"]);
    expect.verifyErrors([/Odoo Server Error|already/]);
    expect(".o_label_print_failure").toHaveCount(0);
});

test("a first step is begun once", async () => {
    const answer = new Deferred();
    const steps = [{ name: "connect", button: "Connect", method: "action_connect", missing: "" }];
    onRpc("label.print.job", "get_overview", () => makeData({ first_steps: steps }));
    onRpc("label.print.server", "action_connect", async () => {
        expect.step("connect");
        await answer;
        return { type: "ir.actions.act_window_close" };
    });
    await mountOverview();
    const button = "[data-step=connect] button";
    await click(button);
    await animationFrame();
    expect(button).not.toBeEnabled();
    answer.resolve();
    await animationFrame();
    await animationFrame();
    expect(button).toBeEnabled();
    expect.verifySteps(["connect"]);
});

test("a button whose call is never answered can be pressed again, and that is said", async () => {
    const steps = [{ name: "connect", button: "Connect", method: "action_connect", missing: "" }];
    onRpc("label.print.job", "get_overview", () => makeData({ first_steps: steps }));
    onRpc("label.print.job", "action_retry", () => new Deferred());
    onRpc("label.print.server", "action_connect", () => new Deferred());
    await mountOverview();
    const buttons = [
        ".o_label_print_failure button[aria-label='Retry Job 9']",
        "[data-step=connect] button",
    ];
    for (const button of buttons) {
        await click(button);
        await animationFrame();
        expect(button).not.toBeEnabled();
    }
    await advanceTime(LONGEST_ACT + 1_000);
    await animationFrame();
    expect(".o_notification").toHaveCount(2);
    expect(".o_notification:first").toHaveText(/Odoo does not answer/);
    for (const button of buttons) {
        expect(button).toBeEnabled();
    }
});
