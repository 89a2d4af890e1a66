import { expect, test } from "@odoo/hoot";
import { animationFrame, queryAllTexts } from "@odoo/hoot-dom";
import { contains, getService, mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";
import { browser } from "@web/core/browser/browser";
import { session } from "@web/session";
import { WebClient } from "@web/webclient/webclient";
import { defineLabelPrintModels } from "./label_print_test_helpers";

defineLabelPrintModels();

const PAGE = {
    rights: { act: true, print: true, print_again: true },
    printer: { id: 4, name: "Zebra 4", location: "", status: "online", status_label: "Online" },
    printing: false,
    waiting: [],
    waiting_count: 0,
    problems: [],
    more_failures: false,
    warnings: [],
    roll: false,
    last: false,
    cancel_reasons: [],
    copy_reasons: [],
};
const WORDS = "Maintenance until 16:00 (Olga)";

/** @param {Object} page that changes with what the server is told */
async function mountPage(page) {
    browser.localStorage.setItem(`label_print_monitor.operator_printer.${session.db}`, "4");
    onRpc("printer.configuration", "get_operator_page", () => structuredClone(page));
    await mountWithCleanup(WebClient);
    await getService("action").doAction({
        type: "ir.actions.client",
        tag: "label_print_monitor.operator_page",
        target: "fullscreen",
    });
    await animationFrame();
}

test("a maintenance is begun by two touches, its end is changed, and it ends by one", async () => {
    const page = structuredClone(PAGE);
    onRpc("printer.configuration", "begin_maintenance", ({ args }) => {
        expect.step(`begin ${args}`);
        return (page.printer.maintenance = WORDS);
    });
    onRpc("printer.configuration", "action_end_maintenance", ({ args }) => {
        expect.step(`end ${args}`);
        delete page.printer.maintenance;
        return false; // what the mock server takes for an answer
    });
    await mountPage(page);
    expect("button[name=end_maintenance]").toHaveCount(0);
    expect("button[name=begin_maintenance]").toHaveText("Begin Maintenance");
    await contains("button[name=begin_maintenance]").click();
    expect(".o_label_print_operator_panel").toHaveText(/Until then nobody is told/);
    expect(queryAllTexts("[data-minutes]")).toEqual([
        "30 minutes",
        "1 hour",
        "2 hours",
        "4 hours",
        "8 hours",
    ]);
    await contains("[data-minutes='120']").click();
    await contains(".alert-success:contains(Maintenance until 16:00)").hover();
    await contains("p[name=maintenance]").hover();
    expect("p[name=maintenance]").toHaveText(WORDS);
    await contains("button[name=begin_maintenance]:contains(Change the End)").click();
    await contains("[data-minutes='480']").click();
    await contains("button[name=end_maintenance]").click();
    await contains(".alert-success:contains(Maintenance ended.)").hover();
    expect.verifySteps(["begin 4,120", "begin 4,480", "end 4"]);
});

test("whoever only looks begins none", async () => {
    const rights = { act: false, print: false, print_again: false };
    await mountPage({ ...PAGE, rights, printer: { ...PAGE.printer, maintenance: WORDS } });
    expect("p[name=maintenance]").toHaveText(WORDS);
    expect("button[name$=_maintenance]").toHaveCount(0);
});
