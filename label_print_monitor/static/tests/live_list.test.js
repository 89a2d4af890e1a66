import { expect, test } from "@odoo/hoot";
import { animationFrame, click, queryAllTexts, queryOne } from "@odoo/hoot-dom";
import { advanceTime } from "@odoo/hoot-mock";
import {
    contains,
    getService,
    MockServer,
    mountView,
    mountWithCleanup,
    onRpc,
    toggleMenuItem,
    toggleSearchBarMenu,
    waitForSteps,
} from "@web/../tests/web_test_helpers";
import { ConnectionLostError } from "@web/core/network/rpc";
import { WebClient } from "@web/webclient/webclient";
import { CHANGED, CHANNEL } from "@label_print_monitor/live_views/live_service";
import {
    defineLabelPrintModels,
    LabelPrintJob,
    mockBus,
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
        sendChanged({ jobs: [id] });
    }
    await animationFrame();
    await advanceTime(10_000);
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
    await advanceTime(10_000);
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
    await advanceTime(1000);
    await waitForSteps(["web_search_read"]);
    await animationFrame();
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

test("a tab that nobody sees reads nothing, and catches up when it is seen", async () => {
    stepReads();
    await mountView(JOBS);
    await waitForLiveChannel();
    await waitForSteps(["web_search_read"]);
    await setTabVisible(false);
    await sendChanged({ jobs: [1] });
    await sendChanged({ jobs: [2] });
    await advanceTime(10_000);
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
    const bus = mockBus();
    await mountWithCleanup(WebClient);
    const open = (resModel) =>
        getService("action").doAction({
            type: "ir.actions.act_window",
            res_model: resModel,
            views: [[false, "list"]],
        });
    await open("label.print.job");
    await animationFrame();
    expect([...bus.channels]).toInclude(CHANNEL);
    expect(bus.count(CHANGED)).toBe(1);
    await open("label.print.failed.label");
    await animationFrame();
    expect(".o_label_print_freshness").toHaveCount(0);
    expect([...bus.channels]).not.toInclude(CHANNEL);
    expect(bus.count(CHANGED)).toBe(0);
});

test("a page whose rows have to wait says so, and is not called live", async () => {
    await mountView(JOBS);
    await waitForLiveChannel();
    await contains(".o_data_row:eq(0) .o_list_record_selector input").click();
    MockServer.env["label.print.job"].create({ name: "Job 4", status: "queued" });
    await sendChanged({ jobs: [4] });
    expect(names()).toEqual(["Job 1", "Job 2", "Job 3"]);
    expect(".o_label_print_freshness .alert").toHaveText(/New and moved rows wait/);
    expect(".o_label_print_age").toHaveText(/Partly live/);
    await contains(".o_data_row:eq(0) .o_list_record_selector input").click();
    await advanceTime(1000);
    await animationFrame();
    expect(names()).toEqual(["Job 1", "Job 2", "Job 3", "Job 4"]);
    expect(".o_label_print_freshness .alert").toHaveCount(0);
});

test("what a filter of the user's has read is fresh, too", async () => {
    let isAway = false;
    onRpc("label.print.job", "web_search_read", () => {
        if (isAway) {
            throw new ConnectionLostError("/web");
        }
    });
    await mountView({
        ...JOBS,
        arch: LabelPrintJob._views.list,
        searchViewArch: `<search><filter name="queued" string="Queued" domain="[('status', '=', 'queued')]"/></search>`,
    });
    await waitForLiveChannel();
    isAway = true;
    await sendChanged({ jobs: [1] });
    await animationFrame();
    expect(".o_label_print_freshness .alert").toHaveCount(1);
    isAway = false;
    await toggleSearchBarMenu();
    await toggleMenuItem("Queued");
    expect(names()).toEqual(["Job 2", "Job 3"]);
    expect(".o_label_print_freshness .alert").toHaveCount(0);
});

test("a button of the list is told how the list is sorted", async () => {
    onRpc("label.print.job", "action_export_history", ({ kwargs }) => {
        expect.step(kwargs.context.active_order);
        return false;
    });
    await mountView({
        ...JOBS,
        arch: `
            <list js_class="label_print_live_list">
                <header><button name="action_export_history" type="object" string="Export" display="always"/></header>
                <field name="name"/><field name="quantity"/>
            </list>`,
    });
    await contains("button[name=action_export_history]").click();
    await contains("th[data-name=quantity]").click();
    await contains("button[name=action_export_history]").click();
    expect.verifySteps(["", "quantity ASC"]);
});
