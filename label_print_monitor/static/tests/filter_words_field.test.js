import { expect, test } from "@odoo/hoot";
import { queryAllTexts, queryFirst } from "@odoo/hoot-dom";
import { defineModels, fields, models, mountView, onRpc } from "@web/../tests/web_test_helpers";
import { defineLabelPrintModels } from "./label_print_test_helpers";

class Printer extends models.Model {
    _name = "test.printer";

    name = fields.Char();

    _records = [{ id: 1, name: "Zebra-QC" }];
}

class Job extends models.Model {
    _name = "test.job";

    name = fields.Char({ string: "Order" });
    active = fields.Boolean();
    quantity = fields.Integer({ string: "Labels" });
    create_date = fields.Datetime({ string: "Asked For" });
    printer_id = fields.Many2one({ string: "Printer", relation: "test.printer" });
    status = fields.Selection({
        string: "Status",
        selection: [
            ["failed", "Failed"],
            ["cancelled", "Cancelled"],
        ],
    });
}

const CASES = [
    ["[]", "All print jobs"],
    ['[[1, "=", 1]]', "All print jobs"],
    ['[[0, "=", 1]]', "No print job"],
    ['[["status", "=", "failed"]]', "Status = Failed"],
    [
        '["&", ["status", "in", ["failed", "cancelled"]], ["quantity", ">", 5]]',
        "Status = Failed or Cancelled · Labels greater than 5",
    ],
    [
        '["|", ["status", "=", "failed"], ["name", "ilike", "MO/7"]]',
        "( Status = Failed or Order contains MO/7 )",
    ],
    ['[["printer_id", "ilike", "Line"]]', "Printer contains Line"],
    ['[["printer_id", "in", [1]]]', "Printer = Zebra-QC"],
    ['[["printer_id", "in", [77]]]', "Printer = Inaccessible/missing record ID: 77"],
    ['["&", ["active", "in", [true, false]], ["id", "in", [3, 4, 5]]]', "Selected in the list: 3"],
    ['[["active", "in", [true, false]]]', "All print jobs"],
    ['[["status", "=", "a_status_of_old"]]', "Status = a_status_of_old"],
    ['[["a_field_of_old", "=", 5]]', "a_field_of_old = 5"],
    ['["&", ["status", "="', 'This filter can no longer be read: ["&", ["status", "="'],
];

class Entry extends models.Model {
    _name = "test.entry";

    domain = fields.Text();

    _records = CASES.map(([domain], place) => ({ id: place + 1, domain }));
}

defineLabelPrintModels();
defineModels([Printer, Job, Entry]);

const FIELD = `<field name="domain" widget="label_print_filter_words" options="{'model': 'test.job'}"/>`;

test("a filter is shown in words, whatever has become of what it names", async () => {
    await mountView({ type: "list", resModel: "test.entry", arch: `<list>${FIELD}</list>` });
    expect(queryAllTexts(".o_data_cell")).toEqual(CASES.map(([_domain, words]) => words));
    expect(queryFirst(".o_data_cell span").title).toBe("[]", {
        message: "the filter as it is kept",
    });
});

test("the filter of one entry, where its model cannot be asked any more", async () => {
    onRpc("fields_get", ({ model }) => {
        if (model === "test.job") {
            throw new Error("no right to read it");
        }
    });
    await mountView({
        type: "form",
        resModel: "test.entry",
        resId: 4,
        arch: `<form>${FIELD}</form>`,
    });
    expect(".o_field_widget[name=domain]").toHaveText(
        'This filter can no longer be read: [["status", "=", "failed"]]'
    );
});
