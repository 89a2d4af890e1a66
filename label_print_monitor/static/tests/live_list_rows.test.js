import { beforeEach, expect, test } from "@odoo/hoot";
import { animationFrame, click, queryAllTexts } from "@odoo/hoot-dom";
import { advanceTime } from "@odoo/hoot-mock";
import { contains, MockServer, mountView, patchWithCleanup } from "@web/../tests/web_test_helpers";
import { Field } from "@web/views/fields/field";
import { ListRenderer } from "@web/views/list/list_renderer";
import {
    defineLabelPrintModels,
    LabelPrintJob,
    sendChanged,
    waitForLiveChannel,
} from "./label_print_test_helpers";

defineLabelPrintModels();

const JOBS = { type: "list", resModel: "label.print.job" };
const ROWS = 80;
const statuses = () => queryAllTexts(".o_data_row td[name=status]");
const write = (id, values) => MockServer.env["label.print.job"].write([id], values);

beforeEach(() => {
    LabelPrintJob._records = Array.from({ length: ROWS }, (_, index) => ({
        id: index + 1,
        name: `Job ${index + 1}`,
        status: "queued",
        quantity: 10,
        set_aside_date: "2026-03-04 09:15:00",
        timeline: [{ status: "queued", at: "2026-03-04 09:15:00" }],
    }));
    LabelPrintJob._views.list = `
        <list js_class="label_print_live_list" decoration-danger="status == 'failed'" multi_edit="1">
            <field name="name"/><field name="note"/>
            <field name="status" widget="badge"/>
            <field name="quantity" widget="integer" optional="show"/>
            <field name="set_aside_date"/>
            <field name="timeline" column_invisible="1"/>
        </list>`;
});

/** @returns {Promise<{ rows: Set<number>, fields: Set<number> }>} ids of the records whose rows, and whose fields, are rendered from now on */
async function watchRenders() {
    // A model that has become ready renders its view once more.
    await animationFrame();
    await animationFrame();
    const rendered = { rows: new Set(), fields: new Set() };
    patchWithCleanup(ListRenderer.prototype, {
        getRowClass(record) {
            rendered.rows.add(record.resId);
            return super.getRowClass(record);
        },
    });
    patchWithCleanup(Field.prototype, {
        get fieldComponentProps() {
            rendered.fields.add(this.props.record.resId);
            return super.fieldComponentProps;
        },
    });
    return rendered;
}

test("of 80 rows, the one that changed is rendered again, and no other", async () => {
    await mountView(JOBS);
    await waitForLiveChannel();
    expect(".o_data_row").toHaveCount(ROWS);
    const rendered = await watchRenders();
    write(40, { status: "printing", note: "on its way" });
    await sendChanged({ jobs: [40] });
    expect(statuses()[39]).toBe("Printing");
    expect([...rendered.rows]).toEqual([40]);
    expect([...rendered.fields]).toEqual([40]);

    // Its colour is the row's own matter, too.
    write(40, { status: "failed" });
    await sendChanged({ jobs: [40] });
    await advanceTime(1000);
    await animationFrame();
    expect(".o_data_row.text-danger").toHaveCount(1);
    expect([...rendered.rows]).toEqual([40]);
});

test("what changed elsewhere renders no row", async () => {
    await mountView(JOBS);
    await waitForLiveChannel();
    const rendered = await watchRenders();
    await sendChanged({ jobs: [4711] });
    expect([...rendered.rows, ...rendered.fields]).toEqual([]);
});

test("a job that comes in is rendered, and those that move are not", async () => {
    await mountView({ ...JOBS, domain: [["status", "!=", "completed"]] });
    await waitForLiveChannel();
    const rendered = await watchRenders();
    MockServer.env["label.print.job"].create({ name: "Job 81", status: "queued" });
    write(1, { status: "completed" });
    await sendChanged({ jobs: [1, 81] });
    expect(queryAllTexts(".o_data_row [name=name]").slice(0, 2)).toEqual(["Job 2", "Job 3"]);
    expect(queryAllTexts(".o_data_row [name=name]").at(-1)).toBe("Job 81");
    expect(".o_data_row").toHaveCount(ROWS);
    expect([...rendered.rows]).toEqual([81]);
});

test("in groups, too, only the row that changed is rendered", async () => {
    await mountView({ ...JOBS, groupBy: ["quantity"] });
    await waitForLiveChannel();
    await contains(".o_group_header").click();
    expect(".o_data_row").toHaveCount(ROWS);
    const rendered = await watchRenders();
    write(7, { status: "printing" });
    await sendChanged({ jobs: [7] });
    expect(statuses()[6]).toBe("Printing");
    expect([...rendered.rows]).toEqual([7]);
});

test("a selected row is marked, and all rows follow the columns that are chosen", async () => {
    await mountView(JOBS);
    await waitForLiveChannel();
    await click(".o_data_row:eq(2) .o_list_record_selector input");
    await animationFrame();
    expect(".o_data_row_selected").toHaveCount(1);
    await click(".o_list_record_selector:first input");
    await animationFrame();
    expect(".o_data_row_selected").toHaveCount(ROWS);
    await click(".o_list_record_selector:first input");
    await animationFrame();
    expect(".o_data_row_selected").toHaveCount(0);
    expect(".o_data_row td[name=quantity]").toHaveCount(ROWS);
    await contains(".o_optional_columns_dropdown_toggle").click();
    await contains(".o-dropdown--menu .o-dropdown-item:contains(Quantity) label").click();
    expect(".o_data_row td[name=quantity]").toHaveCount(0);
});

test("a value that a person has saved is followed by what the server says next", async () => {
    await mountView(JOBS);
    await waitForLiveChannel();
    write(3, { note: "first" });
    await sendChanged({ jobs: [3] });
    await click(".o_data_row:eq(2) .o_list_record_selector input");
    await animationFrame();
    await contains(".o_data_row:eq(2) [name=note]").click();
    await contains(".o_data_row:eq(2) [name=note] input").edit("by hand");
    await animationFrame();
    expect(MockServer.env["label.print.job"].browse(3)[0].note).toBe("by hand");
    write(3, { note: "first" });
    await sendChanged({ jobs: [3] });
    await advanceTime(1000);
    await animationFrame();
    expect(queryAllTexts(".o_data_row:eq(2) [name=note]")).toEqual(["first"]);
});
