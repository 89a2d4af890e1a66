import { expect, test } from "@odoo/hoot";
import { animationFrame, click, queryAllTexts, queryOne, runAllTimers } from "@odoo/hoot-dom";
import { advanceTime } from "@odoo/hoot-mock";
import { addBusServiceListeners } from "@bus/../tests/bus_test_helpers";
import {
    asyncStep,
    contains,
    getService,
    MockServer,
    mountView,
    mountWithCleanup,
    onRpc,
    waitForSteps,
} from "@web/../tests/web_test_helpers";
import { ConnectionLostError } from "@web/core/network/rpc";
import { WebClient } from "@web/webclient/webclient";
import { CHANGED, CHANNEL } from "@label_print_monitor/live_views/live_service";
import { WEBSOCKET_CLOSE_CODES } from "@bus/workers/websocket_worker";
import {
    defineLabelPrintModels,
    LabelPrintJob,
    sendChanged,
    setTabVisible,
    stepReads,
    waitForLiveChannel,
} from "./label_print_test_helpers";

defineLabelPrintModels();

const JOBS = { type: "list", resModel: "label.print.job" };
const names = () => queryAllTexts(".o_data_row [name=name]");
const statuses = () => queryAllTexts(".o_data_row td[name=status]");
const write = (id, values) => MockServer.env["label.print.job"].write([id], values);

test("a changed job changes its row, with one query", async () => {
    stepReads();
    await mountView(JOBS);
    await waitForLiveChannel();
    await waitForSteps(["web_search_read"]);
    expect(statuses()).toEqual(["Printing", "Queued", "Queued"]);
    write(1, { status: "completed" });
    await sendChanged({ jobs: [1] });
    await waitForSteps(["web_search_read"]);
    expect(statuses()).toEqual(["Completed", "Queued", "Queued"]);
});

test("a burst costs one query at once and one for the rest", async () => {
    stepReads();
    await mountView(JOBS);
    await waitForLiveChannel();
    await waitForSteps(["web_search_read"]);
    for (let id = 1; id <= 30; id++) {
        MockServer.env["bus.bus"]._sendone(CHANNEL, CHANGED, { jobs: [id] });
    }
    await runAllTimers();
    await animationFrame();
    await waitForSteps(["web_search_read", "web_search_read"]);
});

test("what is not shown here costs nothing", async () => {
    stepReads();
    await mountView(JOBS);
    await waitForLiveChannel();
    await waitForSteps(["web_search_read"]);
    await sendChanged({ printers: [1] });
    await sendChanged({ servers: [1] });
    await runAllTimers();
    await waitForSteps([]);
});

test("a new job comes in by itself, and rows keep their elements", async () => {
    await mountView(JOBS);
    await waitForLiveChannel();
    const row = queryOne(".o_data_row:contains(Job 2)");
    MockServer.env["label.print.job"].create({ name: "Job 4", status: "pending" });
    await sendChanged({ jobs: [4] });
    expect(names()).toEqual(["Job 1", "Job 2", "Job 3", "Job 4"]);
    expect(queryOne(".o_data_row:contains(Job 2)")).toBe(row);
});

test("a selection stays, its rows stay in place, and what waited comes after it", async () => {
    stepReads();
    await mountView({ ...JOBS, domain: [["status", "!=", "completed"]] });
    await waitForLiveChannel();
    await waitForSteps(["web_search_read"]);
    await click(".o_data_row:contains(Job 2) .o_list_record_selector input");
    await animationFrame();
    write(2, { status: "completed" });
    await sendChanged({ jobs: [2] });
    await waitForSteps(["web_read"]);
    expect(statuses()).toEqual(["Printing", "Completed", "Queued"]);
    expect(".o_data_row:contains(Job 2) .o_list_record_selector input").toBeChecked();

    await sendChanged({ jobs: [99] });
    await advanceTime(400);
    await waitForSteps([]);

    await click(".o_data_row:contains(Job 2) .o_list_record_selector input");
    await animationFrame();
    await animationFrame();
    await waitForSteps(["web_search_read"]);
    expect(names()).toEqual(["Job 1", "Job 3"]);
});

test("a row under edit keeps what was typed while the others move on", async () => {
    LabelPrintJob._views.list = `
        <list js_class="label_print_live_list" editable="bottom">
            <field name="name" readonly="1"/><field name="note"/><field name="status" readonly="1"/>
        </list>`;
    await mountView(JOBS);
    await waitForLiveChannel();
    await contains(".o_data_row:contains(Job 2) [name=note]").click();
    await contains(".o_data_row [name=note] input").edit("for line 4", { confirm: false });
    write(1, { status: "failed" });
    write(2, { status: "printing" });
    await sendChanged({ jobs: [1, 2] });
    expect(statuses()).toEqual(["Failed", "Printing", "Queued"]);
    expect(".o_data_row [name=note] input").toHaveValue("for line 4");
    await contains(".o_list_button_save").click();
    expect(MockServer.env["label.print.job"].browse(2)[0].note).toBe("for line 4");
});

test("open groups stay open", async () => {
    await mountView({ ...JOBS, groupBy: ["status"] });
    await waitForLiveChannel();
    await contains(".o_group_header:contains(Queued)").click();
    expect(names()).toEqual(["Job 2", "Job 3"]);
    write(3, { status: "printing" });
    await sendChanged({ jobs: [3] });
    expect(names()).toEqual(["Job 2"]);
    expect(".o_group_header:contains(Printing (2))").toHaveCount(1);
});

test("the page that was turned to stays", async () => {
    await mountView({ ...JOBS, limit: 2, arch: LabelPrintJob._views.list });
    await waitForLiveChannel();
    await contains(".o_pager_next").click();
    expect(names()).toEqual(["Job 3"]);
    write(3, { status: "completed" });
    await sendChanged({ jobs: [3] });
    expect(names()).toEqual(["Job 3"]);
    expect(statuses()).toEqual(["Completed"]);
});

test("the place that was scrolled to and the focus stay", async () => {
    LabelPrintJob._records = Array.from({ length: 60 }, (_, index) => ({
        id: index + 1,
        name: `Job ${index + 1}`,
        status: "queued",
    }));
    await mountView(JOBS);
    await waitForLiveChannel();
    const renderer = queryOne(".o_list_renderer");
    renderer.style.maxHeight = "200px";
    renderer.style.overflow = "auto";
    renderer.scrollTop = 300;
    queryOne(".o_data_row:eq(20) .o_list_record_selector input").focus();
    const { scrollTop } = renderer;
    const focused = document.activeElement;
    write(3, { status: "printing" });
    await sendChanged({ jobs: [3] });
    expect(statuses()[2]).toBe("Printing");
    expect(renderer.scrollTop).toBe(scrollTop);
    expect(scrollTop).toBeGreaterThan(0);
    expect(document.activeElement).toBe(focused);
});

test("it catches up after the websocket was away", async () => {
    addBusServiceListeners(["BUS:DISCONNECT", () => asyncStep("BUS:DISCONNECT")]);
    stepReads();
    await mountView(JOBS);
    await waitForLiveChannel();
    await waitForSteps(["web_search_read"]);
    write(1, { status: "completed" });
    MockServer.env["bus.bus"]._simulateDisconnection(WEBSOCKET_CLOSE_CODES.ABNORMAL_CLOSURE);
    await waitForSteps(["BUS:DISCONNECT"]);
    await runAllTimers();
    await waitForSteps(["web_search_read"]);
    await animationFrame();
    expect(statuses()).toEqual(["Completed", "Queued", "Queued"]);
});

test("a tab that nobody sees reads nothing, and catches up when it is seen", async () => {
    stepReads();
    await mountView(JOBS);
    await waitForLiveChannel();
    await waitForSteps(["web_search_read"]);
    await setTabVisible(false);
    await sendChanged({ jobs: [1] });
    await sendChanged({ jobs: [2] });
    await runAllTimers();
    await waitForSteps([]);
    await setTabVisible(true);
    await waitForSteps(["web_search_read"]);
});

test("an Odoo that does not answer is said in the bar, not in a dialog", async () => {
    let isAway = false;
    onRpc("label.print.job", "web_search_read", () => {
        if (isAway) {
            throw new ConnectionLostError("/web");
        }
    });
    await mountView(JOBS);
    await waitForLiveChannel();
    isAway = true;
    await sendChanged({ jobs: [1] });
    await animationFrame();
    expect(".o_label_print_freshness .alert").toHaveCount(1);
    expect(".o_dialog").toHaveCount(0);
    expect(names()).toEqual(["Job 1", "Job 2", "Job 3"]);
    isAway = false;
    await advanceTime(5000);
    await sendChanged({ jobs: [1] });
    await animationFrame();
    expect(".o_label_print_freshness .alert").toHaveCount(0);
});

test("nothing listens once the screen is left", async () => {
    stepReads();
    await mountWithCleanup(WebClient);
    const open = (resModel, type) =>
        getService("action").doAction({
            type: "ir.actions.act_window",
            res_model: resModel,
            views: [[false, type]],
        });
    await open("label.print.job", "list");
    await animationFrame();
    await waitForLiveChannel();
    await waitForSteps(["web_search_read"]);
    await getService("action").doAction({
        type: "ir.actions.act_window",
        res_model: "label.print.failed.label",
        views: [[false, "list"]],
    });
    await animationFrame();
    expect(".o_label_print_freshness").toHaveCount(0);
    await sendChanged({ jobs: [1] });
    await runAllTimers();
    await waitForSteps([]);
});
