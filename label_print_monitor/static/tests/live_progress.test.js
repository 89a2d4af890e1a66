import { beforeEach, expect, test } from "@odoo/hoot";
import { animationFrame, click, queryAllTexts } from "@odoo/hoot-dom";
import { advanceTime, Deferred } from "@odoo/hoot-mock";
import {
    contains,
    fields,
    MockServer,
    mountView,
    onRpc,
    waitForSteps,
} from "@web/../tests/web_test_helpers";
import { parseProgress, splitProgress } from "@label_print_monitor/live_views/progress";
import {
    defineLabelPrintModels,
    LabelPrintJob,
    PrinterConfiguration,
    sendChanged,
    sendProgress,
    sendStatuses,
    stepReads,
    waitForLiveChannel,
} from "./label_print_test_helpers";

defineLabelPrintModels();

const JOBS = { type: "list", resModel: "label.print.job" };
const PRINTERS = { type: "kanban", resModel: "printer.configuration" };
const card = (name) => queryAllTexts(`.o_kanban_record:contains(${name})`)[0];
const progress = () => queryAllTexts(".o_data_row td[name=progress_display]");
const write = (id, values) => MockServer.env["label.print.job"].write([id], values);

/**
 * Reads are answered as the server knows the records when they begin, once the returned answer is resolved.
 *
 * @returns {{ isLate: boolean, answer: Deferred }} nothing is held back before `isLate` is set
 */
function holdReads(model = "label.print.job") {
    const held = { isLate: false, answer: new Deferred() };
    onRpc(model, "web_search_read", async ({ parent }) => {
        const result = await parent();
        if (held.isLate) {
            await held.answer;
        }
        return result;
    });
    return held;
}

async function settle() {
    await animationFrame();
    await animationFrame();
}

beforeEach(() => {
    const WIDGET = `<field name="progress_display" widget="label_print_progress"/>`;
    LabelPrintJob._fields.progress_display = fields.Char();
    LabelPrintJob._fields.progress_percent = fields.Float();
    LabelPrintJob._records[0].progress_display = "3 of 20";
    LabelPrintJob._records[0].progress_percent = 15;
    LabelPrintJob._records[1].progress_display = "-";
    LabelPrintJob._views.list = `
        <list js_class="label_print_live_list"><field name="name"/><field name="status"/>${WIDGET}</list>`;
    LabelPrintJob._views.kanban = `
        <kanban js_class="label_print_live_kanban" default_group_by="status">
            <templates><t t-name="card"><field name="name"/><field name="status" invisible="1"/>${WIDGET}</t></templates>
        </kanban>`;
    PrinterConfiguration._fields.current_job_id = fields.Many2one({ relation: "label.print.job" });
    PrinterConfiguration._fields.current_progress_display = fields.Char();
    PrinterConfiguration._fields.current_progress_percent = fields.Float();
    PrinterConfiguration._fields.labels_today = fields.Integer();
    PrinterConfiguration._fields.current_labels_printed = fields.Integer();
    PrinterConfiguration._fields.waiting_count = fields.Integer();
    PrinterConfiguration._records = [
        {
            id: 1,
            name: "Zebra",
            current_job_id: 1,
            current_progress_display: "3 of 20",
            current_progress_percent: 15,
            current_labels_printed: 3,
            labels_today: 103,
        },
        { id: 2, name: "Sato", labels_today: 50, waiting_count: 2 },
    ];
    PrinterConfiguration._views.kanban = `
        <kanban js_class="label_print_live_kanban">
            <templates><t t-name="card">
                <field name="name"/><field name="current_job_id"/>Today: <field name="labels_today"/>
                In queue: <field name="waiting_count"/><field name="current_labels_printed" invisible="1"/>
                <field name="current_progress_display" widget="label_print_progress" options="{'percent_field': 'current_progress_percent'}"/>
            </t></templates>
        </kanban>`;
});

test("a label that has come out shows without a read, and what follows from it is read later", async () => {
    stepReads();
    await mountView(JOBS);
    await waitForLiveChannel();
    await waitForSteps(["web_search_read"]);
    await sendProgress([1, 4, 20, 20]);
    expect(progress()).toEqual(["4 of 20", "-", ""]);
    await sendProgress([1, 5, 20, 25]);
    expect(progress()).toEqual(["5 of 20", "-", ""]);
    expect(".o_data_row .progress-bar").toHaveCount(1);
    await advanceTime(9_000);
    await waitForSteps([]);
    write(1, { progress_display: "5 of 20", progress_percent: 25, name: "Job 1, 2 min left" });
    await advanceTime(4_000);
    await waitForSteps(["web_search_read"]);
    expect(queryAllTexts(".o_data_row [name=name]")[0]).toBe("Job 1, 2 min left");
});

test("in the rows of groups, too", async () => {
    await mountView({ ...JOBS, type: "kanban" });
    await sendProgress([1, 7, 20, 35]);
    expect(".o_kanban_record:contains(Job 1)").toHaveText(/7 of 20/);
});

test("the printer that prints the job", async () => {
    await mountView(PRINTERS);
    await sendProgress([1, 7, 20, 35]);
    expect(".o_kanban_record:contains(Zebra)").toHaveText(/7 of 20/);
    expect(".o_kanban_record:contains(Sato)").not.toHaveText(/7 of 20/);
    // Labels of today are more by those that have come out since.
    expect(".o_kanban_record:contains(Zebra)").toHaveText(/Today:\s*107/);
    await sendProgress([1, 8, 20, 40]);
    expect(".o_kanban_record:contains(Zebra)").toHaveText(/Today:\s*108/);
    await sendProgress([1, 7, 20, 35]); // a slower message
    expect(".o_kanban_record:contains(Zebra)").toHaveText(/Today:\s*108/);
    // Some print servers say a percentage that is not that of the labels printed.
    await sendProgress([1, 9, 20, 44]);
    await sendProgress([1, 9, 20, 44], [2, 1, 10, 10]);
    await sendProgress([2, 2, 10, 20]);
    expect(".o_kanban_record:contains(Zebra)").toHaveText(/Today:\s*109/);
    expect(".o_kanban_record:contains(Sato)").toHaveText(/Today:\s*50/);
});

test("a job that begins, and one that is complete, show it before they are read", async () => {
    const held = holdReads();
    await mountView(JOBS);
    await waitForLiveChannel();
    held.isLate = true;
    await sendStatuses(
        [2, 1, 10, 10, "printing", 7, "WH/MO/2", false],
        [1, 20, 20, 100, "completed", 7, "WH/MO/1", "reported"]
    );
    const statuses = () => queryAllTexts(".o_data_row td[name=status]");
    expect(statuses()).toEqual(["Completed", "Printing", "Queued"]);
    expect(progress()).toEqual(["20 of 20", "1 of 10", ""]);
    await sendProgress([2, 2, 10, 20]);
    // The read had begun before.
    held.answer.resolve();
    await settle();
    expect(statuses()).toEqual(["Completed", "Printing", "Queued"]);
    expect(progress()).toEqual(["20 of 20", "2 of 10", ""]);

    // What happens to it then is read.
    held.isLate = false;
    write(2, { status: "failed", progress_display: "2 of 10", progress_percent: 20 });
    await sendChanged({ jobs: [2] });
    await advanceTime(1_000);
    await animationFrame();
    expect(statuses()[1]).toBe("Failed");
    await sendProgress([2, 3, 10, 30]);
    expect(statuses()[1]).toBe("Failed");
    expect(progress()[1]).toBe("2 of 10");
});

test("a printer's next job takes the place of one that is complete", async () => {
    const held = holdReads("printer.configuration");
    await mountView(PRINTERS);
    await waitForLiveChannel();
    held.isLate = true;
    await sendStatuses([2, 1, 10, 10, "printing", 2, "WH/MO/2", false]);
    expect(card("Sato")).toMatch(/Print Job 2 \(WH\/MO\/2\)[^]*1 of 10/);
    expect(card("Sato")).toMatch(/In queue:\s*1/);
    await sendProgress([2, 2, 10, 20]);
    expect(card("Sato")).toMatch(/2 of 10/);

    expect(card("Sato")).toMatch(/In queue:\s*1/);

    // It prints another one, of which nothing else was said.
    await sendStatuses([3, 1, 5, 20, "printing", 1, "WH/MO/3", false]);
    expect(card("Zebra")).toMatch(/Job 1[^]*3 of 20/);
    await sendStatuses([1, 20, 20, 100, "completed", 1, "WH/MO/1", "reported"]);
    expect(card("Zebra")).toMatch(/WH\/MO\/3[^]*1 of 5/);
});

test("a job that goes on at another printer leaves the card of the first", async () => {
    await mountView(PRINTERS);
    await waitForLiveChannel();
    await sendStatuses([2, 1, 10, 10, "printing", 2, "WH/MO/2", false]);
    expect(card("Sato")).toMatch(/WH\/MO\/2/);
    await sendChanged({ jobs: [2] }); // it has failed there
    MockServer.env["printer.configuration"].write([1], {
        current_job_id: false,
        current_progress_display: false,
        current_progress_percent: 0,
    });
    await sendChanged({ printers: [1] });
    await advanceTime(1_000);
    await animationFrame();
    expect(card("Sato")).not.toMatch(/WH\/MO\/2/);
    await sendStatuses([2, 2, 10, 20, "printing", 1, "WH/MO/2", false]);
    expect(card("Zebra")).toMatch(/WH\/MO\/2[^]*2 of 10/);
    expect(card("Sato")).not.toMatch(/WH\/MO\/2/);
    await advanceTime(1_000);
    await animationFrame();
    expect(card("Sato")).not.toMatch(/WH\/MO\/2/);
});

test("a job that goes on at another printer changes nothing on the card that had it", async () => {
    const held = holdReads("printer.configuration");
    await mountView(PRINTERS);
    await waitForLiveChannel();
    held.isLate = true;
    await sendStatuses([1, 5, 20, 25, "printing", 2, "WH/MO/1", false]);
    expect(card("Zebra")).toMatch(/Today:\s*103/);
    expect(card("Zebra")).not.toMatch(/5 of 20/);
    expect(card("Sato")).toMatch(/WH\/MO\/1[^]*5 of 20/);
});

test("a job that goes on printing does not wait any more", async () => {
    LabelPrintJob._fields.attention_message = fields.Char();
    LabelPrintJob._records[0].attention_message = "The printer is out of labels.";
    const held = holdReads();
    await mountView({
        ...JOBS,
        arch: `
            <list js_class="label_print_live_list">
                <field name="name"/><field name="status"/><field name="attention_message"/>
                <field name="progress_percent" column_invisible="1"/><field name="progress_display"/>
            </list>`,
    });
    await waitForLiveChannel();
    held.isLate = true;
    await sendStatuses([1, 5, 20, 25, "printing", 2, "WH/MO/1", false]);
    expect(progress()[0]).toBe("5 of 20");
    expect(queryAllTexts(".o_data_row td[name=attention_message]")[0]).toBe("");
});

test("a job without an order has a name, and a test print is read", async () => {
    await mountView(PRINTERS);
    await sendStatuses([3, 1, 5, 20, "printing", 2, false, false]);
    expect(card("Sato")).not.toMatch(/Print Job/);
    await sendStatuses([2, 1, 10, 10, "printing", 2, "", false]);
    expect(card("Sato")).toMatch(/Print Job 2\s/);
});

test("of two jobs that print at one printer its card shows the one that Odoo shows", async () => {
    await mountView(PRINTERS);
    await sendStatuses(
        [3, 1, 5, 20, "printing", 2, "WH/MO/3", false],
        [2, 1, 10, 10, "printing", 2, "WH/MO/2", false]
    );
    expect(card("Sato")).toMatch(/WH\/MO\/2/);
});

test("a company that the user has not switched on shows nowhere", () => {
    const statuses = [[2, 1, 10, 10, "printing", 2, "WH/MO/2", false]];
    expect(parseProgress({ company: 1, jobs: [], statuses })).toHaveLength(1);
    expect(parseProgress({ company: 2, jobs: [[1, 4, 20, 20]], statuses })).toEqual([]);
});

test("a job that has changed otherwise is read at once", async () => {
    stepReads();
    await mountView(JOBS);
    await waitForLiveChannel();
    await waitForSteps(["web_search_read"]);
    write(2, { status: "printing", progress_display: "1 of 10", progress_percent: 10 });
    await sendChanged({ jobs: [1, 2], progressed: [1] });
    await waitForSteps(["web_search_read"]);
    expect(progress()[1]).toBe("1 of 10");
});

test("a row that does not say that it prints shows no progress until it is read", async () => {
    await mountView(JOBS);
    await sendProgress([2, 1, 10, 10]);
    expect(progress()[1]).toBe("-");
});

test("a read that was under way does not take a label back", async () => {
    const held = holdReads();
    await mountView(JOBS);
    await waitForLiveChannel();
    held.isLate = true;
    await sendChanged({ jobs: [2] });
    await sendProgress([1, 4, 20, 20]);
    expect(progress()[0]).toBe("4 of 20");
    held.answer.resolve();
    await settle();
    expect(progress()[0]).toBe("4 of 20");

    // A job that has changed otherwise may begin anew.
    held.isLate = false;
    write(1, { progress_display: "2 of 20", progress_percent: 10 });
    await sendChanged({ jobs: [1] });
    await advanceTime(1_000);
    await animationFrame();
    expect(progress()[0]).toBe("2 of 20");
});

test("a read that knows more than the message keeps it", async () => {
    const answer = new Deferred();
    let isLate = false;
    onRpc("label.print.job", "web_search_read", async ({ parent }) => {
        if (isLate) {
            await answer;
        }
        return parent();
    });
    await mountView(JOBS);
    await waitForLiveChannel();
    isLate = true;
    await sendChanged({ jobs: [2] });
    await sendProgress([1, 4, 20, 20]);
    write(1, { progress_display: "6 of 20", progress_percent: 30 });
    answer.resolve();
    await settle();
    expect(progress()[0]).toBe("6 of 20");
});

test("a message that comes late takes no label back", async () => {
    await mountView(JOBS);
    await sendProgress([1, 2, 20, 10]);
    expect(progress()[0]).toBe("3 of 20");
    // The print server rounds, and has printed one more.
    await sendProgress([1, 4, 20, 15]);
    expect(progress()[0]).toBe("4 of 20");
});

test("a page that is turned meanwhile shows the label, too", async () => {
    const held = holdReads();
    LabelPrintJob._records[2].status = "printing";
    LabelPrintJob._records[2].progress_display = "1 of 5";
    LabelPrintJob._records[2].progress_percent = 20;
    await mountView({ ...JOBS, limit: 2, arch: LabelPrintJob._views.list });
    await waitForLiveChannel();
    held.isLate = true;
    await contains(".o_pager_next").click();
    await sendProgress([3, 2, 5, 40]);
    held.answer.resolve();
    await settle();
    expect(progress()).toEqual(["2 of 5"]);
});

test("a group that is opened meanwhile, too", async () => {
    const held = holdReads();
    held.isLate = true;
    await mountView({ ...JOBS, groupBy: ["status"] });
    await waitForLiveChannel();
    await click(".o_group_header:contains(Printing)");
    await animationFrame();
    await sendProgress([1, 4, 20, 20]);
    held.answer.resolve();
    await settle();
    expect(progress()).toEqual(["4 of 20"]);
});

test("a selected row shows its labels, and keeps its selection", async () => {
    await mountView(JOBS);
    await click(".o_data_row:contains(Job 1) .o_list_record_selector input");
    await animationFrame();
    await sendProgress([1, 4, 20, 20]);
    expect(progress()[0]).toBe("4 of 20");
    expect(".o_data_row:contains(Job 1) .o_list_record_selector input").toBeChecked();
});

test("a form is read for each label: it shows which one", async () => {
    stepReads();
    await mountView({ type: "form", resModel: "label.print.job", resId: 1 });
    await waitForLiveChannel();
    await waitForSteps(["web_read"]);
    await sendProgress([1, 4, 20, 20]);
    await waitForSteps(["web_read"]);
});

test("what has changed beside progress", () => {
    const changes = { jobs: [1, 2, 3], progressed: [2, 3], printers: [7] };
    expect(splitProgress(changes)).toEqual({
        others: { jobs: [1], progressed: [], printers: [7] },
        progressed: [2, 3],
    });
    expect(splitProgress({ jobs: [1] })).toEqual({ others: { jobs: [1] }, progressed: [] });
});
