import { beforeEach, expect, test } from "@odoo/hoot";
import { animationFrame, queryAllTexts } from "@odoo/hoot-dom";
import { contains, fields, mountView, onRpc } from "@web/../tests/web_test_helpers";
import {
    defineLabelPrintModels,
    LabelPrintJob,
    sendChanged,
    waitForLiveChannel,
} from "./label_print_test_helpers";

defineLabelPrintModels();

const JOBS = { type: "list", resModel: "label.print.job" };
let reads = [];

beforeEach(() => {
    LabelPrintJob._records = [
        { id: 1, name: "Job 1", status: "printing", quantity: 20, note: "urgent", line_ids: [] },
        { id: 2, name: "Job 2", status: "queued", quantity: 10, line_ids: [] },
    ];
    LabelPrintJob._views.list = `
        <list js_class="label_print_live_list" decoration-danger="quantity > 15" multi_edit="1">
            <field name="name"/>
            <field name="status"/>
            <field name="note" optional="hide"/>
            <field name="quantity" optional="hide"/>
            <field name="set_aside_date" optional="hide"/>
        </list>`;
    reads = [];
    const step = ({ kwargs }) => {
        const read = kwargs.specification || kwargs.unfold_read_specification;
        reads.push(Object.keys(read).sort().join(" "));
    };
    onRpc("label.print.job", "web_search_read", step);
    onRpc("label.print.job", "web_read", step);
    onRpc("label.print.job", "web_read_group", step);
});

async function choose(label) {
    await contains(".o_optional_columns_dropdown_toggle").click();
    await contains(`.o-dropdown-item:contains(${label})`).click();
    await animationFrame();
    await animationFrame();
}

test("a column that is not shown is not read, unless a condition needs it", async () => {
    await mountView(JOBS);
    expect(reads).toEqual(["name quantity status"]);
    expect(".o_data_row.text-danger").toHaveCount(1);
    await waitForLiveChannel();
    await sendChanged({ jobs: [1] });
    expect(reads).toEqual(["name quantity status", "name quantity status"]);
});

test("a column that is chosen is read, and shows what was read", async () => {
    await mountView(JOBS);
    await choose("Note");
    expect(reads).toEqual(["name quantity status", "name note quantity status"]);
    expect(queryAllTexts(".o_data_row td[name=note]")).toEqual(["urgent", ""]);
    // What was read anyway shows at once.
    await contains(`.o-dropdown-item:contains(Quantity)`).click();
    await animationFrame();
    expect(queryAllTexts(".o_data_row td[name=quantity]")).toEqual(["20", "10"]);
    expect(reads.length).toBe(2);
});

test("columns that were chosen before are read at once", async () => {
    await mountView(JOBS);
    await choose("Note");
    reads = [];
    await mountView(JOBS);
    expect(reads).toEqual(["name note quantity status"]);
    expect(queryAllTexts(".o_data_row td[name=note]").slice(-2)).toEqual(["urgent", ""]);
});

test("a column that is chosen while a row is selected is read, and the row stays selected", async () => {
    await mountView(JOBS);
    await contains(".o_data_row:first .o_list_record_selector input").click();
    await choose("Note");
    expect(reads.at(-1)).toBe("name note quantity status");
    expect(queryAllTexts(".o_data_row td[name=note]")).toEqual(["urgent", ""]);
    expect(".o_data_row_selected").toHaveCount(1);
});

test("open groups read no more than a list without groups", async () => {
    await mountView({ ...JOBS, groupBy: ["status"] });
    await contains(".o_group_header:first").click();
    expect(reads.at(-1)).toBe("name quantity status");
    await choose("Note");
    expect(reads.at(-1)).toBe("name note quantity status");
    expect(queryAllTexts(".o_data_row td[name=note]").length).toBe(1);
});

test("a value is changed in several rows while a required column is hidden", async () => {
    LabelPrintJob._fields.kind = fields.Selection({ selection: [["a", "A"]], required: true });
    LabelPrintJob._records.forEach((record) => (record.kind = "a"));
    LabelPrintJob._views.list = `
        <list js_class="label_print_live_list" multi_edit="1">
            <field name="name"/><field name="kind" optional="hide"/><field name="note" optional="hide"/>
        </list>`;
    onRpc("label.print.job", "web_save", ({ args }) => {
        expect.step(`${args[0]}: ${args[1].name}`);
    });
    await mountView(JOBS);
    expect(reads).toEqual(["kind name"]);
    await contains(".o_list_renderer thead .o_list_record_selector input").click();
    await contains(".o_data_row:first .o_data_cell[name=name]").click();
    await contains(".o_data_row:first .o_data_cell[name=name] input").edit("Job X", {
        confirm: "enter",
    });
    await contains(".modal-footer .btn-primary").click();
    await animationFrame();
    expect.verifySteps(["1,2: Job X"]);
    expect(queryAllTexts(".o_data_row [name=name]")).toEqual(["Job X", "Job X"]);
});
