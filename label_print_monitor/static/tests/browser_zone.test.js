import { expect, mockTimeZone, test } from "@odoo/hoot";
import { animationFrame } from "@odoo/hoot-dom";
import { asyncStep, mountView, onRpc, waitForSteps } from "@web/../tests/web_test_helpers";
import { user } from "@web/core/user";
import { inBrowserZone } from "@label_print_monitor/live_views/browser_zone";
import { defineLabelPrintModels, sendChanged } from "./label_print_test_helpers";

defineLabelPrintModels();

test("the browser's zone goes with the call where the preferences have another", () => {
    mockTimeZone("Asia/Tokyo");
    user.updateContext({ tz: "America/Los_Angeles" });
    expect(inBrowserZone({ lang: "de_DE" })).toEqual({ lang: "de_DE", tz: "Asia/Tokyo" });
    user.updateContext({ tz: false });
    expect(inBrowserZone()).toEqual({ tz: "Asia/Tokyo" });
});

test("nothing is added where both show the same time", () => {
    mockTimeZone("Asia/Tokyo");
    user.updateContext({ tz: "Asia/Seoul" });
    expect(inBrowserZone({ lang: "de_DE" })).toEqual({ lang: "de_DE" });
});

for (const type of ["list", "kanban", "form"]) {
    test(`a ${type} is read in the browser's zone, each time`, async () => {
        mockTimeZone("Asia/Tokyo");
        user.updateContext({ tz: "America/Los_Angeles" });
        const note = ({ kwargs }) => asyncStep(kwargs.context.tz);
        onRpc("label.print.job", "web_search_read", note);
        onRpc("label.print.job", "web_read", note);
        await mountView({
            type,
            resModel: "label.print.job",
            resId: type === "form" ? 1 : undefined,
        });
        await waitForSteps(["Asia/Tokyo"]);
        await sendChanged({ jobs: [1] });
        await animationFrame();
        await waitForSteps(["Asia/Tokyo"]);
    });
}
