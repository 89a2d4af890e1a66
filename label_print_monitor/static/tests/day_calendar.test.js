import { expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { mockDate, mockTimeZone } from "@odoo/hoot-mock";
import { contains, fields, mockService, mountView, onRpc } from "@web/../tests/web_test_helpers";
import { defineLabelPrintModels, LabelPrintJob } from "./label_print_test_helpers";

defineLabelPrintModels();

const arch = `
    <calendar js_class="label_print_day_calendar" date_start="made" mode="month" scales="month"
        create="0" delete="0" edit="0" show_date_picker="0">
        <field name="status"/>
    </calendar>`;
const cell = (date) => `td[data-date="${date}"]`;

/** Jobs that were made at these times, in UTC. */
function makeJobs(...made) {
    LabelPrintJob._fields.made = fields.Datetime();
    LabelPrintJob._records = made.map((time, index) => ({
        id: index + 1,
        name: `Job ${index + 1}`,
        status: index ? "completed" : "failed",
        quantity: 10,
        made: time,
    }));
}

function mockActions() {
    const actions = [];
    mockService("action", { doAction: (action) => actions.push(action) });
    return actions;
}

test("a month shows days with their numbers, by one call, and reads no job", async () => {
    mockDate("2026-03-20 12:00:00", 0);
    makeJobs("2026-03-02 08:00:00", "2026-03-02 09:00:00", "2026-03-31 23:00:00");
    onRpc("label.print.job", "*", ({ method }) => {
        if (/read|search/.test(method)) {
            expect.step(method);
        }
    });
    await mountView({ type: "calendar", resModel: "label.print.job", arch });
    expect.verifySteps(["formatted_read_group"]);
    expect(`${cell("2026-03-02")} button`).toHaveText(/2 jobs\s*20 labels\s*1 failed/);
    expect(`${cell("2026-03-31")} button`).toHaveText(/1 job\s*10 labels$/);
    expect(".o_label_print_day.btn").toHaveCount(2);
    expect(`${cell("2026-03-20")}[aria-current=date]`).toHaveCount(1);
    expect(".o_label_print_days tbody tr").toHaveCount(5);
});

test("a day lists its jobs, with what the search asks for", async () => {
    mockDate("2026-03-20 12:00:00", 0);
    makeJobs("2026-03-02 08:00:00");
    const actions = mockActions();
    const domain = [["quantity", ">", 5]];
    await mountView({ type: "calendar", resModel: "label.print.job", arch, domain });
    await contains(`${cell("2026-03-02")} button`).click();
    expect(actions).toHaveLength(1);
    expect(actions[0].domain).toEqual([
        "&",
        ["quantity", ">", 5],
        "&",
        ["made", ">=", "2026-03-02 00:00:00"],
        ["made", "<", "2026-03-03 00:00:00"],
    ]);
    expect(actions[0].views[0]).toEqual([false, "list"]);
});

test("days begin at the reader's midnight, weeks on the reader's first day", async () => {
    mockTimeZone("America/Los_Angeles");
    mockDate("2026-03-20 12:00:00");
    makeJobs("2026-03-03 07:30:00");
    const actions = mockActions();
    await mountView({ type: "calendar", resModel: "label.print.job", arch });
    await contains(`${cell("2026-03-02")} button`).click();
    expect(actions[0].domain.slice(-2)).toEqual([
        ["made", ">=", "2026-03-02 08:00:00"],
        ["made", "<", "2026-03-03 08:00:00"],
    ]);
    expect(queryAllTexts(".o_label_print_days th")[0]).toMatch(/^Sun/);
});

test("another month is read by itself", async () => {
    mockDate("2026-03-20 12:00:00", 0);
    makeJobs("2026-02-10 08:00:00");
    await mountView({ type: "calendar", resModel: "label.print.job", arch });
    expect(".o_label_print_day.btn").toHaveCount(0);
    await contains(".o_calendar_button_prev").click();
    expect(`${cell("2026-02-10")} button`).toHaveText(/1 job/);
});
