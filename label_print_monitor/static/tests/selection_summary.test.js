import { expect, test } from "@odoo/hoot";
import { animationFrame, click, queryAllTexts } from "@odoo/hoot-dom";
import { getService, mockService, mountWithCleanup } from "@web/../tests/web_test_helpers";
import { MainComponentsContainer } from "@web/core/main_components_container";
import { showSelectionSummary } from "@label_print_monitor/selection_summary/selection_summary";
import { defineLabelPrintModels } from "./label_print_test_helpers";

defineLabelPrintModels();

test("the summary of a selection opens the jobs that are left", async () => {
    mockService("action", { doAction: (action) => expect.step(action.domain || action.res_id) });
    await mountWithCleanup(MainComponentsContainer);
    const env = {
        services: { notification: getService("notification"), action: getService("action") },
    };
    const params = {
        type: "warning",
        title: "Selection",
        message: "12 jobs print their missing labels. 3 jobs are left: 3 × not failed.",
        sticky: true,
        job_ids: [4, 5, 6],
        next: { type: "ir.actions.act_window_close" },
    };
    expect(showSelectionSummary(env, { params })).toEqual(params.next);
    await animationFrame();
    expect(".o_notification_content").toHaveText(`Selection. ${params.message}`);
    expect(queryAllTexts(".o_notification_buttons button")).toEqual(["Open these jobs"]);
    await click(".o_notification_buttons button");
    await animationFrame();
    expect.verifySteps([[["id", "in", [4, 5, 6]]]]);
    expect(".o_notification").toHaveCount(0);
    showSelectionSummary(env, { params: { ...params, job_ids: [4] } });
    await animationFrame();
    await click(".o_notification_buttons button:contains(Open job)");
    await animationFrame();
    expect.verifySteps([4]);
});
