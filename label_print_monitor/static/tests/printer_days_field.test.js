import { expect, test } from "@odoo/hoot";
import { click, queryAllAttributes, queryAllTexts } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { mountView } from "@web/../tests/web_test_helpers";
import { defineLabelPrintModels, LabelPrintJob } from "./label_print_test_helpers";

defineLabelPrintModels();

const arch = `<form><field name="timeline" widget="label_print_printer_days"/></form>`;

test("one bar a day, with its parts and the same in words", async () => {
    LabelPrintJob._records[0].timeline = [
        { day: "2026-03-01", seconds: {}, failures: 0 },
        {
            day: "2026-03-02",
            seconds: { online: 72_000, busy: 7200, offline: 3600, unknown: 3600 },
            failures: 2,
        },
        { day: "2026-03-03", seconds: { online: 86_340, attention: 60 }, failures: 1 },
    ];
    await mountView({ type: "form", resModel: "label.print.job", resId: 1, arch });
    expect(".o_label_print_day").toHaveCount(3);
    expect(".o_label_print_day:eq(0) > [aria-hidden]").toHaveCount(0);
    expect(".o_label_print_day:eq(1) > [aria-hidden]").toHaveCount(3);
    const titles = queryAllAttributes(".o_label_print_day", "title");
    expect(titles[0]).toMatch(/03\/01\/2026: not watched/);
    expect(titles[1]).toMatch(
        /ready 22 h 0 min, not ready 1 h 0 min, unknown 1 h 0 min, failures: 2/
    );
    expect(queryAllTexts(".o_label_print_day .visually-hidden")).toEqual(titles);
    expect(".o_label_print_day_trouble").toHaveCount(2);
    // A minute of a day is seen.
    expect(".o_label_print_day:eq(2) .o_label_print_day_down").toHaveStyle({ flexGrow: "5" });
    await click(".o_label_print_days_words summary");
    await animationFrame();
    expect(".o_label_print_days_words li:eq(0)").toHaveText(
        /03\/03\/2026: ready 23 h 59 min, not ready 1 min 0 s/
    );
});

test("a printer of which nothing is known says so", async () => {
    LabelPrintJob._records[0].timeline = [{ day: "2026-03-01", seconds: {}, failures: 0 }];
    LabelPrintJob._records[1].timeline = false;
    for (const resId of [1, 2]) {
        await mountView({ type: "form", resModel: "label.print.job", resId, arch });
        expect(".o_label_print_days").toHaveText(/Nothing is known of this printer yet/);
        expect(".o_label_print_day").toHaveCount(0);
    }
});
