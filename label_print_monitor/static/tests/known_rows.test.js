import { beforeEach, expect, test } from "@odoo/hoot";
import { animationFrame, queryAllTexts } from "@odoo/hoot-dom";
import { advanceTime, Deferred } from "@odoo/hoot-mock";
import {
    contains,
    MockServer,
    mountView,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { omit } from "@web/core/utils/objects";
import { LiveListController } from "@label_print_monitor/live_views/live_list_view";
import {
    defineLabelPrintModels,
    LabelPrintJob,
    PrinterConfiguration,
    sendChanged,
    waitForLiveChannel,
} from "./label_print_test_helpers";

defineLabelPrintModels();

const JOBS = { type: "list", resModel: "label.print.job" };
const statuses = () => queryAllTexts(".o_data_row td[name=status]");
const write = (id, values) => MockServer.env["label.print.job"].write([id], values);
let asked = [];

/** What a record of these models is made with. */
const CONSTANT = ["name", "quantity", "set_aside_date"];

/** As the server answers: of a row that is known what may have changed, and if nothing has, only its id. */
function answerInPart(rows, known) {
    return rows.map((row) => {
        if (!known?.rows.includes(row.id)) {
            return row;
        }
        return known.changed.includes(row.id) ? omit(row, ...CONSTANT) : { id: row.id };
    });
}

/** @returns {Promise<{ model: Object }>} a list of jobs that follows, and its model */
async function mountLive() {
    let model;
    patchWithCleanup(LiveListController.prototype, {
        setup() {
            super.setup();
            model = this.model;
        },
    });
    await mountView(JOBS);
    await waitForLiveChannel();
    return { model };
}

beforeEach(() => {
    asked = [];
    onRpc("label.print.job", "web_search_read", async ({ kwargs, parent }) => {
        const known = kwargs.context.label_print_known;
        asked.push(known || "everything");
        const result = await parent();
        return { ...result, records: answerInPart(result.records, known) };
    });
});

test("after a change the server is told what is shown, and the other rows keep their values", async () => {
    await mountView(JOBS);
    await waitForLiveChannel();
    expect(asked).toEqual(["everything"]);
    write(2, { status: "completed" });
    write(3, { status: "failed" }); // of which nothing was said
    await sendChanged({ jobs: [2] });
    expect(asked).toEqual(["everything", { rows: [1, 2, 3], changed: [2], printers: [] }]);
    expect(statuses()).toEqual(["Printing", "Completed", "Queued"]);
});

test("a row that comes in is read in whole, and one that goes is gone", async () => {
    await mountView({ ...JOBS, domain: [["status", "!=", "completed"]] });
    await waitForLiveChannel();
    write(1, { status: "completed" });
    MockServer.env["label.print.job"].create({ name: "Job 4", status: "pending" });
    await sendChanged({ jobs: [1, 4] });
    expect(queryAllTexts(".o_data_row [name=name]")).toEqual(["Job 2", "Job 3", "Job 4"]);
    expect(statuses()).toEqual(["Queued", "Queued", "Pending"]);
    expect(asked.at(-1)).toEqual({ rows: [1, 2, 3], changed: [1, 4], printers: [] });
});

test("what the user asks for is read in whole", async () => {
    await mountView(JOBS);
    await waitForLiveChannel();
    await sendChanged({ jobs: [1] });
    await contains("th.o_column_sortable[data-name=name]").click();
    expect(asked.at(-1)).toBe("everything");
});

test("printers that have changed are told with the next job, after servers everything is read", async () => {
    await mountView(JOBS);
    await waitForLiveChannel();
    await sendChanged({ printers: [7] });
    expect(asked).toEqual(["everything"]);
    await sendChanged({ jobs: [2] });
    expect(asked.at(-1)).toEqual({ rows: [1, 2, 3], changed: [2], printers: [7] });
    await sendChanged({ servers: [1] });
    await advanceTime(10_000);
    await sendChanged({ jobs: [2] });
    await advanceTime(10_000);
    expect(asked.at(-1)).toBe("everything");
});

test("a page that the user turns to while a change is read is read in whole", async () => {
    const { model } = await mountLive();
    const gate = new Deferred();
    onRpc("label.print.job", "web_search_read", () => gate);
    const refreshed = model.refresh(new Set([2]), { changed: [2], printers: [] });
    const loaded = model.load({ domain: [["status", "=", "queued"]] });
    gate.resolve();
    await Promise.all([refreshed, loaded]);
    await animationFrame();
    expect(queryAllTexts(".o_data_row [name=name]")).toEqual(["Job 2", "Job 3"]);
    expect(statuses()).toEqual(["Queued", "Queued"]);
    expect(asked.at(-1)).toBe("everything");
});

test("with very many changes everything is read", async () => {
    await mountView(JOBS);
    await waitForLiveChannel();
    await sendChanged({ jobs: Array.from({ length: 201 }, (_, index) => index + 1) });
    expect(asked).toEqual(["everything", "everything"]);
});

test("a row of which only the number came is read again at once", async () => {
    LabelPrintJob._records = LabelPrintJob._records.slice(0, 2);
    await mountView(JOBS);
    await waitForLiveChannel();
    MockServer.env["label.print.job"].create({ name: "Job 4", status: "pending" });
    onRpc("label.print.job", "web_search_read", async ({ kwargs, parent }) => {
        const { records, length } = await parent();
        const isKept = kwargs.context.label_print_known;
        return { length, records: isKept ? records.map(({ id }) => ({ id })) : records };
    });
    await sendChanged({ jobs: [1] });
    await animationFrame();
    expect(statuses()).toEqual(["Printing", "Queued", "Pending"]);
    expect(asked.at(-1)).toBe("everything");
});

/** Have boards answered in part. */
function answerBoards() {
    onRpc("label.print.job", "web_read_group", async ({ kwargs, parent }) => {
        const known = kwargs.context.label_print_known;
        asked.push(known ? [...known.rows].sort() : "everything");
        const result = await parent();
        for (const group of result.groups) {
            if (group.__records) {
                group.__records = answerInPart(group.__records, known);
            }
        }
        return result;
    });
}

test("a board asks in the same way, and its cards keep their values", async () => {
    answerBoards();
    await mountView({ type: "kanban", resModel: "label.print.job", groupBy: ["status"] });
    await waitForLiveChannel();
    const cards = () =>
        queryAllTexts(".o_kanban_group .o_kanban_record").map((text) => text.split("\n")[0]);
    const before = cards().length;
    asked = [];
    write(2, { status: "printing" });
    await sendChanged({ jobs: [2] });
    expect(asked).toEqual([[1, 2, 3]]);
    expect(cards().length).toBe(before);
    expect(cards().every((text) => text.includes("Job"))).toBe(true);
});

test("a card that goes to another column takes with it what is not read again", async () => {
    answerBoards();
    LabelPrintJob._records[1].set_aside_date = "2026-03-04 09:15:00";
    LabelPrintJob._records[1].note = "";
    await mountView({
        type: "kanban",
        resModel: "label.print.job",
        groupBy: ["status"],
        arch: `
            <kanban js_class="label_print_live_kanban">
                <templates><t t-name="card">
                    <field name="name"/> <field name="quantity"/> <field name="set_aside_date"/> <field name="status"/>
                </t></templates>
            </kanban>`,
    });
    await waitForLiveChannel();
    const [before] = queryAllTexts(".o_kanban_record:contains(Job 2)");
    asked = [];
    write(2, { status: "printing" });
    await sendChanged({ jobs: [2] });
    const [after] = queryAllTexts(
        ".o_kanban_group:contains(Printing) .o_kanban_record:contains(Job 2)"
    );
    expect(after).toBe(before.replace("Queued", "Printing"));
    expect(before).toMatch(/10[^]*Mar 4/);
    expect(asked.length).toBe(1, { message: "nothing is missing that would have to be read" });
});

test("a card that comes to another column by a change that the page did not know of is read in whole", async () => {
    answerBoards();
    await mountView({ type: "kanban", resModel: "label.print.job", groupBy: ["status"] });
    await waitForLiveChannel();
    asked = [];
    write(2, { status: "printing" });
    write(1, { status: "failed" }); // of which nothing was said yet
    await sendChanged({ jobs: [2] });
    await animationFrame();
    expect(queryAllTexts(".o_kanban_group:contains(Failed) .o_kanban_record")).toEqual([
        "Job 1\nFailed",
    ]);
    expect(asked).toEqual([[1, 2, 3], "everything"]);
});

test("printers are asked for in the same way, whether a printer or a job has changed", async () => {
    onRpc("printer.configuration", "web_search_read", async ({ kwargs, parent }) => {
        const known = kwargs.context.label_print_known;
        asked.push(known || "everything");
        const result = await parent();
        return { ...result, records: answerInPart(result.records, known) };
    });
    PrinterConfiguration._records = [
        { id: 1, name: "Zebra" },
        { id: 2, name: "Zebra 2" },
    ];
    await mountView({ type: "kanban", resModel: "printer.configuration" });
    await waitForLiveChannel();
    const rows = [1, 2];
    const names = queryAllTexts(".o_kanban_record:not(.o_kanban_ghost)");
    await sendChanged({ jobs: [2] });
    expect(asked.at(-1)).toEqual({ rows, changed: [2], printers: [] });
    await advanceTime(1000);
    await sendChanged({ printers: [rows[0]] });
    await advanceTime(1000);
    expect(asked.at(-1)).toEqual({ rows, changed: [], printers: [rows[0]] });
    expect(queryAllTexts(".o_kanban_record:not(.o_kanban_ghost)")).toEqual(names);
    await sendChanged({ servers: [1], printers: [rows[0]] });
    await advanceTime(1000);
    expect(asked.at(-1)).toBe("everything");
});
