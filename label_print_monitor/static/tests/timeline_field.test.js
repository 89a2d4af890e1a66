import { expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { mockTimeZone } from "@odoo/hoot-mock";
import { makeMockEnv, mountView } from "@web/../tests/web_test_helpers";
import { formatDuration } from "@label_print_monitor/timeline/timeline_field";
import { defineLabelPrintModels, LabelPrintJob } from "./label_print_test_helpers";

defineLabelPrintModels();

const arch = `<form><field name="timeline" widget="label_print_timeline"/></form>`;

test("durations are told in two units at most", async () => {
    await makeMockEnv();
    expect(String(formatDuration(0.2))).toBe("0 s");
    expect(String(formatDuration(75))).toBe("1 min 15 s");
    expect(String(formatDuration(3700))).toBe("1 h 1 min");
    expect(String(formatDuration(90_000))).toBe("1 d 1 h");
});

test("each status with its time, how long it lasted and who was behind it", async () => {
    mockTimeZone(+2);
    LabelPrintJob._records[0].timeline = [
        { status: "pending", at: "2026-03-02 08:00:00", user: "Mitchell", attempt: 1 },
        { status: "printing", at: "2026-03-02 08:00:04", attempt: 1 },
        { status: "failed", at: "2026-03-02 08:01:34", note: "Out of labels", attempt: 1 },
        { status: "pending", at: "2026-03-02 08:10:00", user: "Marc", attempt: 2 },
    ];
    await mountView({ type: "form", resModel: "label.print.job", resId: 1, arch });
    const steps = queryAllTexts(".o_label_print_timeline li");
    expect(steps).toHaveLength(4);
    expect(steps[0]).toMatch(/Pending[\s\S]*10:00[\s\S]*for 4 s[\s\S]*Mitchell/);
    expect(steps[1]).toMatch(/Printing[\s\S]*for 1 min 30 s/);
    expect(steps[2]).toMatch(/Failed[\s\S]*Out of labels/);
    expect(steps[2]).not.toMatch(/for /);
    expect(steps[3]).toMatch(/Attempt 2[\s\S]*now[\s\S]*Marc/);
    expect(".o_label_print_timeline li[aria-current=step]").toHaveCount(1);
});

test("an unknown status and an empty timeline do no harm", async () => {
    LabelPrintJob._records[0].timeline = [{ status: "levitating", at: "2026-03-02 08:00:00" }];
    LabelPrintJob._records[1].timeline = false;
    await mountView({ type: "form", resModel: "label.print.job", resId: 1, arch });
    expect(".o_label_print_timeline li").toHaveText(/levitating/);
});
