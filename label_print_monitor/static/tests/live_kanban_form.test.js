import { onRpcBefore } from "@mail/../tests/mail_test_helpers";
import { expect, test } from "@odoo/hoot";
import { animationFrame, queryAllTexts, queryOne } from "@odoo/hoot-dom";
import { advanceTime } from "@odoo/hoot-mock";
import {
    asyncStep,
    contains,
    MockServer,
    mountView,
    onRpc,
    waitForSteps,
} from "@web/../tests/web_test_helpers";
import {
    defineLabelPrintModels,
    LabelPrintJob,
    LabelPrintFailedLabel,
    LabelPrintTag,
    sendChanged,
    stepReads,
    waitForLiveChannel,
} from "./label_print_test_helpers";

defineLabelPrintModels();

const write = (id, values) => MockServer.env["label.print.job"].write([id], values);

test("kanban: a card moves to the column of its new status, the others stay", async () => {
    await mountView({ type: "kanban", resModel: "label.print.job", groupBy: ["status"] });
    await waitForLiveChannel();
    const card = queryOne(".o_kanban_record:contains(Job 3)");
    write(2, { status: "printing" });
    await sendChanged({ jobs: [2] });
    expect(queryAllTexts(".o_kanban_group:contains(Printing) .o_kanban_record")).toEqual([
        "Job 1\nPrinting",
        "Job 2\nPrinting",
    ]);
    expect(queryOne(".o_kanban_record:contains(Job 3)")).toBe(card);
});

test("kanban: a folded column stays folded, and what was loaded on top stays loaded", async () => {
    LabelPrintJob._records.push(
        { id: 4, name: "Job 4", status: "queued" },
        { id: 5, name: "Job 5", status: "printing" }
    );
    stepReads();
    await mountView({ type: "kanban", resModel: "label.print.job", groupBy: ["status"], limit: 2 });
    await waitForLiveChannel();
    await contains(".o_kanban_group:contains(Queued) .o_kanban_load_more button").click();
    await contains(
        ".o_kanban_group:contains(Printing) .o_kanban_header .o_group_config .dropdown-toggle",
        {
            visible: false,
        }
    ).click();
    await contains(".dropdown-item:contains(Fold)").click();
    expect(".o_column_folded").toHaveCount(1);
    await waitForSteps(["web_read_group", "web_search_read"]);
    write(3, { name: "Job 3 moved on" });
    await sendChanged({ jobs: [3] });
    await waitForSteps(["web_read_group"], { message: "one query for the whole board" });
    expect(queryAllTexts(".o_kanban_group:contains(Queued) .o_kanban_record")).toEqual([
        "Job 2\nQueued",
        "Job 3 moved on\nQueued",
        "Job 4\nQueued",
    ]);
    expect(".o_column_folded").toHaveCount(1);
    expect(".o_column_folded").toHaveText(/Printing/);
});

test("kanban: the printer wall follows printers and what they print", async () => {
    stepReads("printer.configuration");
    await mountView({ type: "kanban", resModel: "printer.configuration" });
    await waitForLiveChannel();
    await waitForSteps(["web_search_read"]);
    await sendChanged({ jobs: [5] });
    await waitForSteps(["web_search_read"]);
    await advanceTime(1000);
    await sendChanged({ printers: [1] });
    await waitForSteps(["web_search_read"]);
});

test("form: follows its own job only", async () => {
    stepReads();
    await mountView({ type: "form", resModel: "label.print.job", resId: 1 });
    await waitForLiveChannel();
    await waitForSteps(["web_read"]);
    await sendChanged({ jobs: [2] });
    await advanceTime(10_000);
    await waitForSteps([]);
    write(1, { name: "Job 1 renamed" });
    await sendChanged({ jobs: [1] });
    await waitForSteps(["web_read"]);
    expect("[name=name] input").toHaveValue("Job 1 renamed");
});

test("form: what was typed stays while the rest is read again", async () => {
    await mountView({ type: "form", resModel: "label.print.job", resId: 1 });
    await waitForLiveChannel();
    await contains("[name=note] input").edit("my words", { confirm: "tab" });
    write(1, { name: "Job 1 moved on" });
    await sendChanged({ jobs: [1] });
    expect("[name=name] input").toHaveValue("Job 1 moved on");
    expect("[name=note] input").toHaveValue("my words");
    await contains(".o_form_button_save").click();
    expect(MockServer.env["label.print.job"].browse(1)[0].note).toBe("my words");
});

test("form: tags that were added stay, and are saved", async () => {
    LabelPrintJob._views.form = `
        <form js_class="label_print_live_form">
            <field name="name"/><field name="tag_ids" widget="many2many_tags"/>
        </form>`;
    LabelPrintTag._records = [
        { id: 1, name: "Line 1" },
        { id: 2, name: "Line 2" },
    ];
    onRpc("label.print.job", "web_save", ({ args }) => expect.step(args[1].tag_ids));
    await mountView({ type: "form", resModel: "label.print.job", resId: 1 });
    await waitForLiveChannel();
    await contains("[name=tag_ids] input").edit("Line 2", { confirm: false });
    await advanceTime(1000);
    await contains(".o-autocomplete--dropdown-item:contains(Line 2)").click();
    write(1, { name: "Job 1 moved on" });
    await sendChanged({ jobs: [1] });
    await animationFrame();
    expect("[name=name] input").toHaveValue("Job 1 moved on");
    expect(queryAllTexts("[name=tag_ids] .o_tag")).toEqual(["Line 2"]);
    await contains(".o_form_button_save").click();
    expect.verifySteps([[[4, 2]]]);
});

test("form: a list within it keeps the order that the user gave it", async () => {
    LabelPrintFailedLabel._records = [
        { id: 1, name: "b", job_id: 1 },
        { id: 2, name: "a", job_id: 1 },
    ];
    LabelPrintJob._records[0].line_ids = [1, 2];
    await mountView({ type: "form", resModel: "label.print.job", resId: 1 });
    await waitForLiveChannel();
    await contains("[name=line_ids] th[data-name=name]").click();
    expect(queryAllTexts("[name=line_ids] .o_data_row")).toEqual(["a", "b"]);
    write(1, { name: "Job 1 moved on" });
    await sendChanged({ jobs: [1] });
    await animationFrame();
    expect("[name=name] input").toHaveValue("Job 1 moved on");
    expect(queryAllTexts("[name=line_ids] .o_data_row")).toEqual(["a", "b"]);
});

test("form: a list within it stays on its page", async () => {
    LabelPrintFailedLabel._records = [1, 2, 3].map((id) => ({
        id,
        name: `Label ${id}`,
        job_id: 1,
    }));
    LabelPrintJob._records[0].line_ids = [1, 2, 3];
    await mountView({ type: "form", resModel: "label.print.job", resId: 1 });
    await waitForLiveChannel();
    await contains("[name=line_ids] .o_pager_next").click();
    expect(queryAllTexts("[name=line_ids] .o_data_row")).toEqual(["Label 3"]);
    await sendChanged({ jobs: [1] });
    await advanceTime(10_000);
    expect(queryAllTexts("[name=line_ids] .o_data_row")).toEqual(["Label 3"]);
});

test("form: the chatter follows when the status changes, and asks for nothing while labels are printed", async () => {
    LabelPrintJob._views.form = `
        <form js_class="label_print_live_form">
            <sheet><field name="name"/><field name="status"/><field name="quantity"/></sheet>
            <chatter/>
        </form>`;
    // What core's chatter asks for when it opens; its store takes activities over as they are answered.
    onRpcBefore("/mail/data", (args) => {
        if (JSON.stringify(args.fetch_params).includes("activities")) {
            asyncStep("chatter");
        }
    });
    await mountView({ type: "form", resModel: "label.print.job", resId: 2 });
    await waitForLiveChannel();
    await waitForSteps(["chatter"]);
    write(2, { quantity: 11 });
    await sendChanged({ jobs: [2] });
    await advanceTime(1000);
    await waitForSteps([]);
    write(2, { status: "printing" });
    await sendChanged({ jobs: [2] });
    await waitForSteps(["chatter"]);
});
