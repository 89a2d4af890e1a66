import { expect, test } from "@odoo/hoot";
import { animationFrame, press, queryAll, queryAllTexts, resize } from "@odoo/hoot-dom";
import { advanceTime } from "@odoo/hoot-mock";
import { contains, defineModels, fields, models, mountView } from "@web/../tests/web_test_helpers";
import { defineLabelPrintModels, LabelPrintJob } from "./label_print_test_helpers";

class Job extends models.Model {
    _name = "test.job";

    progress_display = fields.Char();
    progress_percent = fields.Float();
    needs_attention = fields.Boolean();
    attention_message = fields.Char();
    unverified_since = fields.Datetime();
    waits_because = fields.Char();
    status = fields.Selection({
        selection: [
            ["pending", "Pending"],
            ["printing", "Printing"],
        ],
    });
    evidence_suffices = fields.Boolean();
    evidence = fields.Selection({
        selection: [
            ["reported", "Reported by the Print Server"],
            ["confirmed", "Confirmed by the Printer"],
        ],
    });
    printer = fields.Selection({
        selection: [
            ["online", "Online"],
            ["attention", "Needs Attention"],
        ],
    });

    _records = [
        {
            id: 1,
            progress_display: "-",
            progress_percent: 0,
            printer: "online",
            evidence: "reported",
            status: "pending",
            waits_because: "Its print server is archived: “Hall 1”",
        },
        {
            id: 2,
            progress_display: "5 of 20",
            progress_percent: 25.4,
            needs_attention: true,
            attention_message: "No progress",
            printer: "attention",
            evidence: "confirmed",
            status: "printing",
            evidence_suffices: true,
        },
        {
            id: 3,
            progress_display: "20 of 20",
            progress_percent: 100,
            unverified_since: "2026-03-02 08:00:00",
        },
    ];
}

defineLabelPrintModels();
defineModels([Job]);

test("progress is words with a bar below while something is under way", async () => {
    await mountView({
        type: "list",
        resModel: "test.job",
        arch: `<list><field name="progress_display" widget="label_print_progress"/></list>`,
    });
    expect(queryAllTexts(".o_data_row .o_label_print_progress")).toEqual([
        "-",
        "5 of 20",
        "20 of 20",
    ]);
    expect("[role=progressbar]").toHaveCount(1);
    expect("[role=progressbar]").toHaveAttribute("aria-valuenow", "25");
    expect("[role=progressbar]").toHaveAttribute("aria-label", "5 of 20");
});

test("a status says below it why the job waits", async () => {
    await mountView({
        type: "list",
        resModel: "test.job",
        arch: `<list><field name="status" widget="label_print_status" decoration-warning="status == 'printing'"/></list>`,
    });
    expect(queryAllTexts(".o_data_row .badge")).toEqual(["Pending", "Printing"]);
    expect(".badge.text-bg-warning").toHaveCount(1);
    expect(queryAllTexts(".o_data_row .o_label_print_reason")).toEqual([
        "Its print server is archived: “Hall 1”",
    ]);
    expect(".o_label_print_reason").toHaveAttribute(
        "title",
        "Its print server is archived: “Hall 1”"
    );
});

test("attention is a sign with a name, for what is stuck and for what is unverified", async () => {
    await mountView({
        type: "list",
        resModel: "test.job",
        arch: `<list><field name="needs_attention" widget="label_print_attention"/></list>`,
    });
    expect(".o_data_row button.o_label_print_sign").toHaveCount(2);
    expect(".o_data_row:eq(1) .o_label_print_sign").toHaveAttribute("aria-label", "No progress");
    expect(".o_data_row:eq(2) .o_label_print_sign").toHaveAttribute(
        "aria-label",
        /Unverified since/
    );
    expect("th[data-name=needs_attention]").toHaveText("Needs attention");
});

test("a press on the sign says why, for a finger has no tooltip, and leaves the row alone", async () => {
    await mountView({
        type: "list",
        resModel: "test.job",
        arch: `<list><field name="needs_attention" widget="label_print_attention"/></list>`,
        selectRecord: () => expect.step("opened"),
    });
    await contains(".o_data_row:eq(1) .o_label_print_sign").click();
    expect(".o_popover .o_label_print_sign_words").toHaveText("No progress");
    await contains(".o_data_row:eq(1) .o_label_print_sign").click();
    expect(".o_popover").toHaveCount(0);
    await contains(".o_data_row:eq(1) .o_label_print_sign").focus();
    await press("Enter");
    await animationFrame();
    expect(".o_popover .o_label_print_sign_words").toHaveText("No progress");
    expect.verifySteps([]);
});

test("a printer's state is an icon and words, not only a colour", async () => {
    await mountView({
        type: "list",
        resModel: "test.job",
        arch: `<list><field name="printer" widget="label_print_printer_status"/></list>`,
    });
    expect(queryAllTexts(".o_data_row .badge")).toEqual(["Online", "Needs Attention"]);
    expect(".o_data_row .badge .fa-exclamation-triangle").toHaveCount(1);
});

test("evidence is a sign and words, green only where it suffices", async () => {
    await mountView({
        type: "list",
        resModel: "test.job",
        arch: `<list><field name="evidence" widget="label_print_evidence"/></list>`,
    });
    expect(".o_data_row:eq(0) .o_label_print_evidence").toHaveText(/^Reported/);
    expect(".o_data_row:eq(0) .o_label_print_evidence").toHaveAttribute(
        "title",
        "Reported by the Print Server: less than the settings ask for"
    );
    expect(".o_data_row:eq(0) .text-success").toHaveCount(0);
    expect(".o_data_row:eq(1) .o_label_print_evidence").toHaveText("Confirmed");
    expect(".o_data_row:eq(1) .fa-check-circle.text-success").toHaveCount(1);
});

test("on a tablet, columns that may be hidden are", async () => {
    const arch = `
        <list js_class="label_print_live_list">
            <field name="progress_display"/><field name="printer" optional="show"/>
        </list>`;
    await resize({ width: 800, height: 1024 });
    await mountView({ type: "list", resModel: "test.job", arch });
    expect("th[data-name=progress_display]").toHaveCount(1);
    expect("th[data-name=printer]").toHaveCount(0);
});

test("columns show by importance: each from the width of window that it asks for", async () => {
    const arch = `
        <list js_class="label_print_live_list">
            <field name="progress_display"/>
            <field name="printer" optional="show" options="{'from_width': 0}"/>
            <field name="evidence" optional="show" options="{'from_width': 1600}"/>
        </list>`;
    await resize({ width: 800, height: 1024 });
    await mountView({ type: "list", resModel: "test.job", arch });
    const columns = () => queryAll("th[data-name]").map((th) => th.dataset.name);
    expect(columns()).toEqual(["progress_display", "printer"]);
    await resize({ width: 1600, height: 1024 });
    await advanceTime(200);
    await animationFrame();
    expect(columns()).toEqual(["progress_display", "printer", "evidence"]);
    // Whoever has chosen columns keeps them.
    await contains(".o_optional_columns_dropdown_toggle").click();
    await contains(".o-dropdown-item:contains(Printer) input").click();
    await resize({ width: 1000, height: 1024 });
    await advanceTime(200);
    await animationFrame();
    expect(columns()).toEqual(["progress_display", "evidence"]);
});

test("an order that is gone is still named", async () => {
    LabelPrintJob._fields.mo_reference = fields.Char();
    LabelPrintJob._fields.printer_id = fields.Many2one({ relation: "printer.configuration" });
    Object.assign(LabelPrintJob._records[0], { printer_id: 1, mo_reference: "OLD NAME" });
    Object.assign(LabelPrintJob._records[1], { mo_reference: "WH/MO/7" });
    await mountView({
        type: "list",
        resModel: "label.print.job",
        arch: `<list><field name="printer_id" widget="label_print_order"/></list>`,
    });
    expect(queryAllTexts(".o_data_cell")).toEqual(["Zebra", "WH/MO/7", ""]);
});
